-- Takes an entry out of the parks of all groups and, for a retry, appends it to the log again. What is not parked any more is not appended, so once is all.
-- KEYS: 1 event stream, then for each group: its stream of parked entries, hash that counts what was taken from it
-- ARGV: 1 retry|discard, 2 the entry's ID in the log, 3 wake-up channel, then for each group: ID of the entry in its stream, '' for none
local function is(key, wanted)
  local found = redis.call('TYPE', key).ok
  return found == 'none' or found == wanted
end
if not is(KEYS[1], 'stream') then return {'WRONGTYPE', KEYS[1]} end

local taken, fields = {}, nil
for group = 1, (#KEYS - 1) / 2 do
  local parked, counts, position = KEYS[2 * group], KEYS[2 * group + 1], ARGV[3 + group]
  if position ~= '' and is(parked, 'stream') and is(counts, 'hash') then
    local found = redis.call('XRANGE', parked, position, position)[1]
    -- After a failover another entry may have the position.
    if found and found[2][2] == ARGV[2] then
      taken[#taken + 1] = {parked, counts, position}
      fields = fields or found[2]
    end
  end
end
if not fields then return {'GONE'} end

local id = ''
if ARGV[1] == 'retry' then
  local last = #fields
  if last > 6 and fields[last - 1] == 'retry_of' then last = last - 2 end
  -- Behind parked_id, parked_reason and their values.
  local again = {unpack(fields, 5, last)}
  again[#again + 1] = 'retry_of'
  again[#again + 1] = ARGV[2]
  id = redis.call('XADD', KEYS[1], '*', unpack(again))
end
for i = 1, #taken do
  redis.call('XDEL', taken[i][1], taken[i][3])
  redis.call('HINCRBY', taken[i][2], ARGV[1], 1)
end
if id ~= '' then redis.pcall('PUBLISH', ARGV[3], id) end
return {'TAKEN', id}
