-- Reservations from before may stand in a bucket that is no longer wanted: it stays, without stock of its
-- own.

-- As src/gate/refill.ts has it.
local MAX_BUCKETS = 64

local function least_buckets(pending, category, wanted)
  local least = wanted
  for bucket = wanted, MAX_BUCKETS - 1 do
    if redis.call('HEXISTS', pending, category .. ':' .. bucket) == 1 then least = bucket + 1 end
  end
  return least
end
