-- Claims what is due in one shard of a lane, the longest due first, until a lease ends.
--
-- KEYS    1 the shard, 2 its counter of leases
-- ARGV    1 the highest score that is due, 2 the score of the lease's end without its mark, 3 how many at most,
--         which is itself at most 1000 (see perScript in due.go)
-- result  {lease, first, {member, score, member, score, …}}: the score that the claimed timers have now; the
--         lowest score in the shard, '' when it is empty or when more may be due; the claimed with their old scores
--
-- The counter gives each lease its own mark, 1 to 499, so that leases ending in the same millisecond differ.

local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[3])
local lease = ''
if #due > 0 then
  local mark = redis.call('INCR', KEYS[2]) % 499 + 1
  lease = string.format('%.0f', tonumber(ARGV[2]) + mark)
  local held = {}
  for n = 1, #due, 2 do held[n], held[n + 1] = lease, due[n] end
  redis.call('ZADD', KEYS[1], unpack(held))
  if #due == 2 * tonumber(ARGV[3]) then return {lease, '', due} end
end
return {lease, redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] or '', due}
