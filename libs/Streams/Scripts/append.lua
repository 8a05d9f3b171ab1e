-- Appends one batch of a producer, once.
-- KEYS: 1 event stream, 2 the producer's highest batch number
-- ARGV: 1 batch number, 2 lifetime of the number in seconds, 3 wake-up channel, 4 MessagePack: array of [number of the shape, value, ...],
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
for i = 1, #events do
  local event = events[i]
  local names = shapes[event[1]]
  if not names or #names == 0 or #event ~= 1 + #names then return {'MALFORMED', i} end
end

local last
local fields = {}
for i = 1, #events do
  local event = events[i]
  local names = shapes[event[1]]
  local count = #names
  for field = 1, count do
    fields[2 * field - 1] = names[field]
    fields[2 * field] = event[field + 1]
  end
  last = redis.call('XADD', KEYS[1], '*', unpack(fields, 1, 2 * count))
end
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
-- Only a hint: a user without the right to publish still appends.
redis.pcall('PUBLISH', ARGV[3], last)
return {'APPENDED', last}
