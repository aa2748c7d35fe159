-- Replaces a value that is still what somebody read.
--
-- KEYS    1 the value's key
-- ARGV    1 what was read ('' for nothing), 2 the new value
-- result  1, or 0 when something else is kept by now; 1 too when the new value is kept already, as after a reply
--         that was lost

local kept = redis.call('GET', KEYS[1]) or ''
if kept == ARGV[2] then return 1 end
if kept ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
