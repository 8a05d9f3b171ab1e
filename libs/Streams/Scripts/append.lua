-- Appends one batch of a producer, once.
-- KEYS: 1 event stream, 2 the producer's highest batch number
-- ARGV: 1 batch number, 2 lifetime of the number in seconds, 3 wake-up channel, 4 MessagePack: array of number of the shape, value, ..., of one event after the other,
--       5 MessagePack: array of shapes [name, ...], 6 number of the batch that the producer believes to be the last one in the log, 0 for none
-- A script that fails keeps what it wrote, so everything is looked at before the first write, and the number is set after the last entry.
local stream_type = redis.call('TYPE', KEYS[1]).ok
if stream_type ~= 'none' and stream_type ~= 'stream' then return {'WRONGTYPE', KEYS[1]} end
local mark_type = redis.call('TYPE', KEYS[2]).ok
if mark_type ~= 'none' and mark_type ~= 'string' then return {'WRONGTYPE', KEYS[2]} end

local mark = 0
if mark_type == 'string' then
  mark = tonumber(redis.call('GET', KEYS[2]))
  if not mark then return {'WRONGTYPE', KEYS[2]} end
end
-- Redis came back with less than it had: what is missing must come before this batch.
if mark < tonumber(ARGV[6]) then return {'REWOUND', mark} end
if tonumber(ARGV[1]) <= mark then return {'ALREADY', mark} end

local events, shapes = cmsgpack.unpack(ARGV[4]), cmsgpack.unpack(ARGV[5])
-- The arguments of one command for each shape: the names stay, and every event puts its values between them.
local arguments, counts = {}, {}
for shape = 1, #shapes do
  local names, fields = shapes[shape], {}
  for field = 1, #names do
    fields[2 * field - 1] = names[field]
    fields[2 * field] = ''
  end
  arguments[shape], counts[shape] = fields, #names
end

local total, at = #events, 1
while at <= total do
  local count = counts[events[at]]
  if not count or count == 0 then return {'MALFORMED', at} end
  at = at + 1 + count
end
if at ~= total + 1 then return {'MALFORMED', at} end

local last
local call, key = redis.call, KEYS[1]
at = 1
while at <= total do
  local shape = events[at]
  local fields, count = arguments[shape], counts[shape]
  for field = 1, count do fields[2 * field] = events[at + field] end
  last = call('XADD', key, '*', unpack(fields, 1, 2 * count))
  at = at + 1 + count
end
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
-- Only a hint: a user without the right to publish still appends.
redis.pcall('PUBLISH', ARGV[3], last)
return {'APPENDED', last}
