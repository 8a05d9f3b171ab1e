-- Removes the oldest entries above a number, but none that a registered group has not applied.
-- KEYS: 1 event stream, 2... checkpoints of the registered groups. ARGV: 1 entries to keep. Returns how many went.
local function number_pair(id)
  local ms, seq = id:match('^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local surplus = redis.call('XLEN', KEYS[1]) - ARGV[1]
if surplus <= 0 then return 0 end
local lowest, lowest_ms, lowest_seq
for i = 2, #KEYS do
  -- A group that has applied nothing needs everything.
  local checkpoint = redis.call('GET', KEYS[i])
  if not checkpoint then return 0 end
  local ms, seq = number_pair(checkpoint)
  if not lowest or ms < lowest_ms or (ms == lowest_ms and seq < lowest_seq) then lowest, lowest_ms, lowest_seq = checkpoint, ms, seq end
end
if not lowest then return 0 end
-- '~' removes whole nodes only, and LIMIT stops before more than the surplus is gone.
return redis.call('XTRIM', KEYS[1], 'MINID', '~', lowest, 'LIMIT', surplus)
