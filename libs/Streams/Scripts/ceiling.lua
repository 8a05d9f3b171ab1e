-- Removes the oldest entries above the ceiling, whether they were applied or not, and writes down for whom they are lost.
-- KEYS: 1 event stream, 2 hash of what was lost, 3... checkpoints: of the readers, then of the keepers, which make a copy of entries before they go
-- ARGV: 1 entries that may stay, 2 entries above which the keepers are not waited for either, 3 entries removed by one call at most, 4 number of readers,
--       5... names of the groups
-- Returns entries removed, then for each group how many of them it had not applied.
local function is(index, wanted)
  local found = redis.call('TYPE', KEYS[index]).ok
  return found == 'none' or found == wanted
end
if not is(1, 'stream') or not is(2, 'hash') then return {0} end
local function number_pair(id)
  local ms, seq = id:match('^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local function before(left, right)
  local left_ms, left_seq = number_pair(left)
  local right_ms, right_seq = number_pair(right)
  if left_ms ~= right_ms then return left_ms < right_ms end
  return left_seq < right_seq
end

local length = redis.call('XLEN', KEYS[1])
local surplus = length - tonumber(ARGV[1])
if surplus <= 0 then return {0} end
local entries = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', math.min(surplus, tonumber(ARGV[3])))
local count, checkpoints = #entries, {}
for i = 3, #KEYS do
  if not is(i, 'string') then return {0} end
  checkpoints[i - 2] = redis.call('GET', KEYS[i]) or '0-0'
  if i - 2 > tonumber(ARGV[4]) then
    local over = length - tonumber(ARGV[2])
    while count > 0 and count > over and before(checkpoints[i - 2], entries[count][1]) do count = count - 1 end
  end
end
if count == 0 then return {0} end

local last = entries[count][1]
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local result, of_any_reader = {count}, 0
for i = 1, #checkpoints do
  local lost = 0
  for entry = count, 1, -1 do
    if not before(checkpoints[i], entries[entry][1]) then break end
    lost = lost + 1
  end
  result[i + 1] = lost
  if i <= tonumber(ARGV[4]) then of_any_reader = math.max(of_any_reader, lost) end
  if lost > 0 then
    local name = ARGV[4 + i]
    -- What follows a loss directly belongs to it.
    if redis.call('HGET', KEYS[2], name .. ':until') ~= checkpoints[i] then redis.call('HSET', KEYS[2], name .. ':after', checkpoints[i]) end
    redis.call('HINCRBY', KEYS[2], name .. ':entries', lost)
    redis.call('HSET', KEYS[2], name .. ':until', last, name .. ':at', now)
    -- The group goes on behind what is gone; whoever works for it finds its checkpoint moved, and starts over.
    redis.call('SET', KEYS[i + 2], last)
  end
end
-- Readers may lose the same entries; whoever has lost most of these has lost all that another did.
if of_any_reader > 0 then redis.call('HINCRBY', KEYS[2], 'any:entries', of_any_reader) end
local ms, seq = number_pair(last)
redis.call('XTRIM', KEYS[1], 'MINID', '=', string.format('%.0f-%.0f', ms, seq + 1))
return result
