-- Removes the oldest entries above a number or older than an ID, but none that a registered group has not applied.
-- KEYS: 1 event stream, 2... checkpoints of the registered groups. ARGV: 1 entries to keep, -1 for all, 2 ID below which entries are too old, '' for none.
-- Returns how many went.
local function number_pair(id)
  local ms, seq = id:match('^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local lowest, lowest_ms, lowest_seq
for i = 2, #KEYS do
  -- A group that has applied nothing needs everything.
  local checkpoint = redis.call('GET', KEYS[i])
  if not checkpoint then return 0 end
  local ms, seq = number_pair(checkpoint)
  if not lowest or ms < lowest_ms or (ms == lowest_ms and seq < lowest_seq) then lowest, lowest_ms, lowest_seq = checkpoint, ms, seq end
end
if not lowest then return 0 end
local removed = 0
local surplus = redis.call('XLEN', KEYS[1]) - ARGV[1]
-- '~' removes whole nodes only, and LIMIT stops before more than the surplus is gone.
if ARGV[1] ~= '-1' and surplus > 0 then removed = redis.call('XTRIM', KEYS[1], 'MINID', '~', lowest, 'LIMIT', surplus) end
if ARGV[2] ~= '' then
  local ms, seq = number_pair(ARGV[2])
  local bound = ARGV[2]
  if lowest_ms < ms or (lowest_ms == ms and lowest_seq < seq) then bound = lowest end
  removed = removed + redis.call('XTRIM', KEYS[1], 'MINID', '~', bound, 'LIMIT', 0)
end
return removed
