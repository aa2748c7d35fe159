-- Takes ids out of an index whose records are gone.
--
-- KEYS    1 the index, then the record of each id
-- ARGV    the ids
-- result  how many were taken out

local gone = 0
for n = 1, #ARGV do
  if redis.call('EXISTS', KEYS[n + 1]) == 0 then gone = gone + redis.call('SREM', KEYS[1], ARGV[n]) end
end
return gone
