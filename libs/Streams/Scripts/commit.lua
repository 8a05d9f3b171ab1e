-- Writes a batch of one partition, and moves the group's checkpoint with it.
-- KEYS: 1 lease, 2 checkpoint, 3 event stream, 4... keys that the batch writes
-- ARGV: 1 owner, 2 epoch, 3 expected checkpoint ('' if it is not looked at), 4 new checkpoint ('' if it stays), 5 group,
--       6 MessagePack: array of IDs to acknowledge, 7 one letter a written key: its type, 8 MessagePack: array of [write, key index, argument, ...],
--       9 first entry of the batch behind the checkpoint ('' if there is none)
-- A script that fails keeps what it wrote, so everything is looked at before the first write, and the checkpoint is set after the last one.
local type_of = { h = 'hash', z = 'zset', s = 'stream' }
local wrong = {}
local function is_before(id, other)
  local milliseconds, sequence = id:match('^(%d+)-(%d+)$')
  local other_milliseconds, other_sequence = other:match('^(%d+)-(%d+)$')
  if not milliseconds then return true end
  if milliseconds ~= other_milliseconds then return tonumber(milliseconds) < tonumber(other_milliseconds) end
  return tonumber(sequence) < tonumber(other_sequence)
end
local function expect(index, wanted)
  local found = redis.call('TYPE', KEYS[index]).ok
  if found ~= 'none' and found ~= wanted then wrong[#wrong + 1] = index end
end

expect(1, 'hash')
expect(2, 'string')
expect(3, 'stream')
if #wrong > 0 then return {'WRONGTYPE', wrong} end

local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return {'LEASELOST'} end
if ARGV[3] ~= '' then
  local checkpoint = redis.call('GET', KEYS[2]) or '0-0'
  if checkpoint ~= ARGV[3] then return {'MOVED', checkpoint} end
end
-- Reads are not fenced: a former owner, or our own read that timed out and was executed late, can take entries from the group behind our back. The batch must
-- begin where the checkpoint ends, or those would be passed over.
if ARGV[9] ~= '' then
  local following = redis.call('XRANGE', KEYS[3], '(' .. ARGV[3], '+', 'COUNT', 1)[1]
  if not following or following[1] ~= ARGV[9] then return {'SKIPPED', following and following[1] or ''} end
end

local types = ARGV[7]
for i = 1, #types do
  local wanted = type_of[types:sub(i, i)]
  if wanted then expect(i + 3, wanted) end
end
if #wrong > 0 then return {'WRONGTYPE', wrong} end
local ids = cmsgpack.unpack(ARGV[6])
local writes = cmsgpack.unpack(ARGV[8])

for i = 1, #writes do
  local write = writes[i]
  local kind, index = write[1], write[2]
  if types:sub(index, index) ~= '-' then
    local key = KEYS[index + 3]
    if kind == 1 then redis.call('HSET', key, unpack(write, 3))
    elseif kind == 2 then redis.call('UNLINK', key)
    elseif kind == 3 then redis.call('ZADD', key, write[3], write[4])
    elseif kind == 4 then redis.call('ZREM', key, write[3])
    elseif kind == 5 then
      if write[3] > 0 then redis.call('XADD', key, 'MAXLEN', '~', write[3], '*', unpack(write, 4))
      else redis.call('XADD', key, '*', unpack(write, 4)) end
    elseif kind == 6 then redis.call('PEXPIRE', key, write[3])
    elseif kind == 7 then redis.call('HDEL', key, unpack(write, 3))
    elseif kind == 8 then
      local position = redis.call('HGET', key, write[3])
      if not position or is_before(position, write[4]) then redis.call('HSET', key, write[3], write[4]) end
    end
  end
end
if ARGV[4] ~= '' then redis.call('SET', KEYS[2], ARGV[4]) end

local acknowledged = 0
for first = 1, #ids, 1000 do
  acknowledged = acknowledged + redis.call('XACK', KEYS[3], ARGV[5], unpack(ids, first, math.min(first + 999, #ids)))
end
return {'APPLIED', acknowledged}
