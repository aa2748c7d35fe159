-- Ends leases on timers of one shard of a lane: removes each timer, or arms it again.
--
-- KEYS    1 the shard
-- ARGV    1 the channel on which an earlier first timer is told, 2 the kind of the lane, 3 a score that is due now,
--         then for each timer its member, the score that its holder knows, and the next score ('' removes it); no
--         member twice, and at most 1000 of them (see perScript in due.go)
-- result  a digit for each timer: 1, or 0 when it has another score, because it was armed meanwhile or the lease
--         ran out. What was armed for later than the lease is due at once: the holder may not have seen why.

local members = {}
for n = 4, #ARGV, 3 do members[#members + 1] = ARGV[n] end
local scores = redis.call('ZMSCORE', KEYS[1], unpack(members))

local done, gone, again, earliest = {}, {}, {}, false
local function put(score, member)
  again[#again + 1] = score
  again[#again + 1] = member
  if not earliest or tonumber(score) < earliest then earliest = tonumber(score) end
end
for n, member in ipairs(members) do
  local score, held, next = tonumber(scores[n] or 0), tonumber(ARGV[3 * n + 2]), ARGV[3 * n + 3]
  if score == held then
    done[n] = '1'
    if next == '' then gone[#gone + 1] = member else put(next, member) end
  else
    done[n] = '0'
    if score == held + 500 then put(ARGV[3], member) end
  end
end
if #gone > 0 then redis.call('ZREM', KEYS[1], unpack(gone)) end
if #again > 0 then
  redis.call('ZADD', KEYS[1], unpack(again))
  if tonumber(redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]) == earliest then
    redis.call('PUBLISH', ARGV[1], ARGV[2] .. ' ' .. string.format('%.0f', earliest))
  end
end
return table.concat(done)
