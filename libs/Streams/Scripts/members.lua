-- KEYS: 1 sorted set of live replicas, scored by their last heartbeat. ARGV: 1 beat|leave, 2 replica, 3 time to live in ms. Returns who lives.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[1] == 'leave' then
  redis.call('ZREM', KEYS[1], ARGV[2])
else
  redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[2])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now - ARGV[3]))
-- Heartbeats of the future: the server's clock went back.
redis.call('ZREMRANGEBYSCORE', KEYS[1], string.format('(%.0f', now + ARGV[3]), '+inf')
return redis.call('ZRANGE', KEYS[1], 0, -1)
