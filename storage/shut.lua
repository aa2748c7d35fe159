-- Closes buckets, because the platform wants to hear nothing for a while.
--
-- KEYS    the buckets, see pace.lua
-- ARGV    1 until when, in microseconds, 2 for how long a bucket is kept, in milliseconds
-- result  nothing; a bucket that is closed for longer stays so

for _, key in ipairs(KEYS) do
  local held = redis.call('GET', key) or '0 0'
  local shut, rest = string.match(held, '^(%d+)(.*)$')
  if tonumber(shut) < tonumber(ARGV[1]) then shut = ARGV[1] end
  redis.call('SET', key, shut .. rest, 'PX', ARGV[2])
end
return redis.status_reply('OK')
