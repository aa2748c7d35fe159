-- Arms timers in one shard of the due set, keeping the earlier of an armed and a new time.
--
-- KEYS    1 the shard
-- ARGV    1 the channel on which an earlier first timer is told, then for each timer its member and its score
-- result  1 when something armed now comes first in the shard, else 0
--
-- A score is milliseconds * 1000 + mark (see score.go). A timer that somebody holds gets, if the new time comes
-- before the lease ends, the new time; else it stays where it is under another mark. Either way its holder's
-- finish fails, and the timer comes again.

local first = 0
for n = 2, #ARGV, 2 do
  local member, new = ARGV[n], tonumber(ARGV[n + 1])
  local armed = redis.call('ZSCORE', KEYS[1], member)
  local old = armed and tonumber(armed)
  if not old or new < old then
    redis.call('ZADD', KEYS[1], ARGV[n + 1], member)
    if redis.call('ZRANK', KEYS[1], member) == 0 then first = 1 end
  elseif old % 1000 > 0 then
    local mark = old % 1000
    redis.call('ZADD', KEYS[1], string.format('%.0f', old - mark + mark % 999 + 1), member)
  end
end
if first == 1 then redis.call('PUBLISH', ARGV[1], KEYS[1]) end
return first
