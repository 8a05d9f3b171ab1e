-- Records the shape of the log if nobody did, and returns the recorded one.
-- KEYS: 1 meta. ARGV: 1 partitions, 2 format
local meta_type = redis.call('TYPE', KEYS[1]).ok
if meta_type ~= 'none' and meta_type ~= 'hash' then return {'WRONGTYPE', ''} end
-- Only when both are missing: half a record is a question for a human.
if redis.call('HEXISTS', KEYS[1], 'partitions') == 0 and redis.call('HEXISTS', KEYS[1], 'format') == 0 then
  redis.call('HSET', KEYS[1], 'partitions', ARGV[1], 'format', ARGV[2])
end
local stored = redis.call('HMGET', KEYS[1], 'partitions', 'format', 'repartition')
return {stored[1] or '', stored[2] or '', stored[3] or ''}
