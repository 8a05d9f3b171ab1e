-- KEYS: 1 lease hash: owner, epoch, expires (ms), ttl (ms). ARGV: 1 acquire|take|renew|release, 2 owner, 3 epoch (acquire, take: highest one known), 4 ttl ms
-- The hash never expires: the epoch in it only grows.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'expires', 'ttl')
local owner, epoch, expires, ttl = lease[1] or '', tonumber(lease[2] or '0'), tonumber(lease[3] or '0'), tonumber(lease[4] or '0')

if ARGV[1] == 'acquire' or ARGV[1] == 'take' then
  if ARGV[1] == 'acquire' and owner ~= '' and owner ~= ARGV[2] and expires > now then
    -- The server's clock went back: the lease must not outlive its time to live by more than one.
    if expires - now > ttl then redis.call('HSET', KEYS[1], 'expires', string.format('%.0f', now + ttl)) end
    return {'HELD', owner, epoch}
  end
  local next_epoch = math.max(epoch, tonumber(ARGV[3])) + 1
  redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'epoch', string.format('%.0f', next_epoch), 'expires', string.format('%.0f', now + ARGV[4]), 'ttl', ARGV[4])
  return {'OK', next_epoch}
end

if owner ~= ARGV[2] or epoch ~= tonumber(ARGV[3]) then return {'LOST', owner, epoch} end
if ARGV[1] == 'renew' then
  redis.call('HSET', KEYS[1], 'expires', string.format('%.0f', now + ARGV[4]), 'ttl', ARGV[4])
else
  redis.call('HSET', KEYS[1], 'owner', '', 'expires', 0)
end
return {'OK', epoch}
