-- KEYS: 1 lease, 2 checkpoint, 3 event stream. ARGV: 1 group. Writes nothing.
-- Returns entries, first ID, last ID, checkpoint, lag in entries (-1 unknown), lag in ms, owner, epoch
local function value_of(flat, name)
  for i = 1, #flat, 2 do if flat[i] == name then return flat[i + 1] end end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'expires')
local owner = lease[1] or ''
if tonumber(lease[3] or '0') <= now then owner = '' end
local checkpoint = redis.call('GET', KEYS[2]) or '0-0'
if redis.call('EXISTS', KEYS[3]) == 0 then return {0, '0-0', '0-0', checkpoint, 0, 0, owner, tonumber(lease[2] or '0')} end

local info = redis.call('XINFO', 'STREAM', KEYS[3])
local first = value_of(info, 'first-entry')
local lag = value_of(info, 'length')
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[3])) do
  if value_of(group, 'name') == ARGV[1] then
    lag = value_of(group, 'lag')
    -- Redis counts what was not delivered; what is pending was not applied either.
    lag = lag and lag + value_of(group, 'pending') or -1
  end
end
local lag_ms = 0
local waiting = redis.call('XRANGE', KEYS[3], '(' .. checkpoint, '+', 'COUNT', 1)[1]
if waiting then lag_ms = math.max(0, now - tonumber(waiting[1]:match('^%d+')))
else lag = 0 end
return {value_of(info, 'length'), first and first[1] or '0-0', value_of(info, 'last-generated-id'), checkpoint, lag, lag_ms, owner, tonumber(lease[2] or '0')}
