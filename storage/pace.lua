-- Hands out what a platform allows a workspace: who may call now, and when the others are to ask again.
--
-- KEYS    for each shared bucket five in a row: the bucket, its line of bulk messages, its line of urgent ones,
--         when those who wait mean to come back, and the turns given away; and one for each other bucket
-- ARGV    1 now, 2 how far ahead turns are given away, 3 how long before its turn a message comes back; then for
--         each ask: the message ('' when the call cannot come again), 1 when urgent, how many calls of the shared
--         bucket, the number of the shared bucket's key and its limits, how many other buckets, and for each the
--         number of its key and its limits. Limits are their number, then every and burst of each
-- result  for each ask 0 to go ahead, else when to ask again
--
-- Times are microseconds. A bucket is 'shut waits full full…': until when the platform wants to hear nothing, when
-- the last of those who wait for this bucket alone has its turn, and for each limit when it will be full again
-- (GCRA: a call fits while full is no more than burst - 1 intervals ahead).

local now, horizon, lead = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local minute, day = 60e6, 86400e6
local cursor = 3
local function word() cursor = cursor + 1; return ARGV[cursor] end
local function number() return tonumber(word()) end
local function digits(n) return string.format('%.0f', n) end

local buckets, order, swept = {}, {}, {}
local function bucket(key)
  local b = buckets[key]
  if not b then
    local held = {}
    for n in string.gmatch(redis.call('GET', key) or '', '%d+') do held[#held + 1] = tonumber(n) end
    b = {key = key, shut = held[1] or 0, waits = held[2] or 0, full = {}, every = {}, burst = {}}
    if b.shut > now + day then b.shut = 0 end -- by a clock that was moved since; likewise below
    for n = 3, #held do b.full[n - 2] = held[n] end
    buckets[key], order[#order + 1] = b, b
  end
  for n = 1, number() do
    b.every[n], b.burst[n] = number(), number()
    local most = now + horizon + minute + 10 * b.burst[n] * b.every[n]
    b.full[n] = math.min(math.max(b.full[n] or 0, now), most)
  end
  b.waits = math.min(b.waits, now + day)
  return b
end

-- free is when the next call fits, once as many others have been made.
local function free(b, others)
  local at = math.max(b.shut, now)
  for n, full in ipairs(b.full) do
    at = math.max(at, math.max(full, b.shut) + (others + 1 - b.burst[n]) * b.every[n])
  end
  return at
end

local function spend(b, at, calls)
  for n, full in ipairs(b.full) do b.full[n] = math.max(full, at) + calls * b.every[n] end
end

local function ask()
  local message, urgent, calls, first = word(), word() == '1', number(), number()
  local line, rush, back, turns = KEYS[first + 1], KEYS[first + 2], KEYS[first + 3], KEYS[first + 4]
  local shared, others = bucket(KEYS[first]), {}
  for n = 1, number() do others[n] = bucket(KEYS[number()]) end
  local again = message ~= ''

  local function leave(who)
    for _, k in ipairs({line, rush, back}) do redis.call('ZREM', k, who) end
    redis.call('HDEL', turns, who)
  end
  local function wait(at, key)
    redis.call('ZADD', back, digits(at), message)
    for _, k in ipairs({back, key}) do redis.call('PEXPIRE', k, 2 * day / 1000) end
    return at
  end

  if not swept[back] then
    swept[back] = true
    for _, gone in ipairs(redis.call('ZRANGEBYSCORE', back, '-inf', digits(now - 10 * minute), 'LIMIT', 0, 100)) do
      leave(gone)
    end
  end

  -- A turn that was given away is taken now, unless it is long past or the platform fell silent meanwhile.
  local turn = again and redis.call('HGET', turns, message)
  if turn then
    turn = tonumber(turn)
    local silent = shared.shut > now
    for _, b in ipairs(others) do silent = silent or b.shut > now end
    if turn > now and turn <= now + horizon then return turn end
    if turn <= now and turn > now - horizon and not silent then leave(message); return 0 end
  end

  local place = (urgent or turn) and rush or line
  local stands = again and redis.call('ZSCORE', place, message) and redis.call('ZRANK', place, message)
  local ahead = 0
  if again and not turn then
    ahead = stands or redis.call('ZCARD', place)
    if not urgent then ahead = ahead + redis.call('ZCARD', rush) end
  end

  local soonest, mine, own = free(shared, 0), free(shared, ahead), now
  for _, b in ipairs(others) do
    own = math.max(own, free(b, 0))
    if again and not turn and not urgent then own = math.max(own, b.waits) end
  end
  if stands and soonest <= now + lead and tonumber(redis.call('ZSCORE', back, message) or 0) <= now then
    mine = soonest -- those before it did not come: nobody waits for them
  end

  if not again and math.max(mine, own) > now + horizon then return math.max(mine, own) end
  if again and mine > now + horizon and own < mine then -- stand in line
    if not stands then
      redis.call('ZREM', place == rush and line or rush, message)
      redis.call('ZADD', place, redis.call('HINCRBY', turns, '', 1), message) -- no message has an empty name
      redis.call('PEXPIRE', turns, 2 * day / 1000)
    end
    return wait(mine - lead, place)
  end
  if again and own > soonest then -- its own bucket alone holds it up: it waits beside the line, and has had its turn
    leave(message)
    redis.call('HSET', turns, message, 0)
    for _, b in ipairs(others) do b.waits = math.max(b.waits, own) + b.every[1] end
    return wait(own, turns)
  end
  spend(shared, soonest, calls)
  for _, b in ipairs(others) do spend(b, soonest, 1) end
  if again then leave(message) end
  if soonest <= now or not again then return 0 end
  redis.call('HSET', turns, message, digits(soonest))
  return wait(soonest, turns)
end

local result = {}
while cursor < #ARGV do result[#result + 1] = digits(ask()) end

for _, b in ipairs(order) do
  local last, held = math.max(b.shut, b.waits), digits(b.shut) .. ' ' .. digits(b.waits)
  for _, full in ipairs(b.full) do last, held = math.max(last, full), held .. ' ' .. digits(full) end
  redis.call('SET', b.key, held, 'PX', digits((last - now + 10 * minute) / 1000))
end
return result
