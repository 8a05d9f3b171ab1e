-- Makes the group give out what lies behind the checkpoint, and tells where both stand.
-- KEYS: 1 lease, 2 checkpoint, 3 event stream. ARGV: 1 owner, 2 epoch, 3 group
local function is(index, wanted)
  local found = redis.call('TYPE', KEYS[index]).ok
  return found == 'none' or found == wanted
end
if not is(1, 'hash') then return {'WRONGTYPE', KEYS[1]} end
if not is(2, 'string') then return {'WRONGTYPE', KEYS[2]} end
if not is(3, 'stream') then return {'WRONGTYPE', KEYS[3]} end
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return {'LEASELOST'} end

local function before(left, right)
  local left_ms, left_seq = left:match('^(%d+)-(%d+)$')
  local right_ms, right_seq = right:match('^(%d+)-(%d+)$')
  left_ms, right_ms = tonumber(left_ms), tonumber(right_ms)
  if left_ms ~= right_ms then return left_ms < right_ms end
  return tonumber(left_seq) < tonumber(right_seq)
end
local function value_of(flat, name)
  for i = 1, #flat, 2 do if flat[i] == name then return flat[i + 1] end end
end

local checkpoint = redis.call('GET', KEYS[2]) or '0-0'
local last, position = '0-0', nil
if redis.call('EXISTS', KEYS[3]) == 1 then
  last = value_of(redis.call('XINFO', 'STREAM', KEYS[3]), 'last-generated-id')
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[3])) do
    if value_of(group, 'name') == ARGV[3] then position = value_of(group, 'last-delivered-id') end
  end
end

local created = 0
if not position then
  -- At the checkpoint: '$' would drop events, 0 would apply them twice.
  redis.call('XGROUP', 'CREATE', KEYS[3], ARGV[3], checkpoint, 'MKSTREAM')
  created = 1
elseif position ~= checkpoint then
  -- Given out and not applied: pending here or elsewhere, or forgotten with a deleted consumer. All of it comes again, in order.
  redis.call('XGROUP', 'SETID', KEYS[3], ARGV[3], checkpoint)
end
-- A stream that was deleted starts over; with a clock behind the checkpoint its new entries would count as applied.
if before(last, checkpoint) then redis.call('XSETID', KEYS[3], checkpoint) end
return {'OPEN', checkpoint, last, created}
