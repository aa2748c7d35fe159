-- Saves one change of a workspace: all of it or nothing.
--
-- KEYS    one for each step, all in the workspace's hash tag; a key may come more than once
-- ARGV    four for each step, the step's name and up to three operands ('' where there are fewer):
--           claim  result  seconds           taken unless it was before
--           check  version                   of a record that was read; 0: it did not exist
--           write  document  seconds         in place of the old one; seconds 0: kept for ever
--           join   id                        into an index
--           leave  id                        an index
--           log    number  entry  keep       in place of the entry of that number; the newest keep remain
-- result  {'repeated', result of the claim} or {'conflict', key} when nothing was changed, else {'done'}
--
-- Versions are compared as strings, so that no number passes through Lua. Steps run one by one: nothing is
-- unpacked, whatever their number.

local function operand(step, n) return ARGV[(step - 1) * 4 + n + 1] end

local function each(name, visit)
  for step, key in ipairs(KEYS) do
    if operand(step, 0) == name then
      local stop = visit(key, operand(step, 1), operand(step, 2), operand(step, 3))
      if stop then return stop end
    end
  end
end

local refused = each('claim', function(key)
  local result = redis.call('GET', key)
  if result then return {'repeated', result} end
end) or each('check', function(key, version)
  local front = string.match(redis.call('GETRANGE', key, 0, 19), '^%d+') or '0'
  if front ~= version then return {'conflict', key} end
end)
if refused then return refused end

each('claim', function(key, result, seconds) redis.call('SET', key, result, 'EX', seconds) end)
each('write', function(key, document, seconds)
  if seconds == '0' then redis.call('SET', key, document)
  else redis.call('SET', key, document, 'EX', seconds) end
end)
each('leave', function(key, id) redis.call('SREM', key, id) end)
each('join', function(key, id) redis.call('SADD', key, id) end)
each('log', function(key, number, entry, keep)
  redis.call('ZREMRANGEBYSCORE', key, number, number)
  redis.call('ZADD', key, number, entry)
  redis.call('ZREMRANGEBYRANK', key, 0, -1 - keep)
end)
return {'done'}
