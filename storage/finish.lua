-- Ends a lease on a timer: removes it, or arms it again.
--
-- KEYS    1 the shard
-- ARGV    1 the member, 2 the score that its holder knows, 3 the next score ('' removes it),
--         4 the channel on which an earlier first timer is told
-- result  1, or 0 when the timer has another score: it was armed meanwhile, or the lease ran out

local held = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not held or tonumber(held) ~= tonumber(ARGV[2]) then return 0 end
if ARGV[3] == '' then
  redis.call('ZREM', KEYS[1], ARGV[1])
  return 1
end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
if redis.call('ZRANK', KEYS[1], ARGV[1]) == 0 then redis.call('PUBLISH', ARGV[4], KEYS[1]) end
return 1
