-- Arms timers in one shard of a lane, keeping the earlier of an armed and a new time.
--
-- KEYS    1 the shard
-- ARGV    1 the channel on which an earlier first timer is told, 2 the kind of the lane, then for each timer its
--         member and its score; no member twice, and at most 1000 of them (see perScript in due.go)
-- result  how many are armed for another time than before
--
-- A score is milliseconds * 1000 + mark (see score.go). A timer that somebody holds gets, if the new time comes
-- before the lease ends, the new time; else it stays where it is, marked as touched. Either way its holder's finish
-- fails, and the timer comes again.

local members = {}
for n = 3, #ARGV, 2 do members[#members + 1] = ARGV[n] end
local armed = redis.call('ZMSCORE', KEYS[1], unpack(members))

local changes, earliest = {}, false
local function put(score, member)
  changes[#changes + 1] = score
  changes[#changes + 1] = member
end
for n, member in ipairs(members) do
  local new, old = tonumber(ARGV[2 * n + 2]), armed[n] and tonumber(armed[n])
  if not old or new < old then
    put(ARGV[2 * n + 2], member)
    if not earliest or new < earliest then earliest = new end
  elseif old % 1000 > 0 and old % 1000 < 500 then
    put(string.format('%.0f', old + 500), member)
  end
end
if #changes > 0 then redis.call('ZADD', KEYS[1], unpack(changes)) end

if earliest and tonumber(redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]) == earliest then
  redis.call('PUBLISH', ARGV[1], ARGV[2] .. ' ' .. string.format('%.0f', earliest))
end
return #changes / 2
