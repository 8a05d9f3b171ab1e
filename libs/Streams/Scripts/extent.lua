-- KEYS: 1 event stream. ARGV: 1 nodes to look at for its size, 0 for not to measure. Writes nothing.
-- Returns the server's time in ms, entries, first ID, last ID given out, entries ever added, bytes (-1 not measured)
local function value_of(flat, name)
  for i = 1, #flat, 2 do if flat[i] == name then return flat[i + 1] end end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('TYPE', KEYS[1]).ok ~= 'stream' then return {now, 0, '0-0', '0-0', 0, 0} end
local bytes = -1
if ARGV[1] ~= '0' then
  local measured = redis.pcall('MEMORY', 'USAGE', KEYS[1], 'SAMPLES', ARGV[1])
  -- A user without the right to measure: the other limits hold all the same.
  if type(measured) == 'number' then bytes = measured end
end
local info = redis.call('XINFO', 'STREAM', KEYS[1])
local first = value_of(info, 'first-entry')
return {now, value_of(info, 'length'), first and first[1] or '0-0', value_of(info, 'last-generated-id'), value_of(info, 'entries-added'), bytes}
