-- The places of a category are spread over its buckets; a buyer begins at the one that its home number names.
-- What is free in all of them together decides: a bucket may owe places that an order took past the gate.

local function bucket_fields(category, buckets)
  local fields = {}
  for bucket = 1, buckets do fields[bucket] = category .. ':' .. (bucket - 1) end
  return fields
end

-- Free places by bucket (from 1 on; negative where it owes) and of all buckets together.
local function free_places(stock, pending, category, buckets)
  local fields = bucket_fields(category, buckets)
  local projected = redis.call('HMGET', stock, unpack(fields))
  local reserved = redis.call('HMGET', pending, unpack(fields))
  local free, total = {}, 0
  for bucket = 1, buckets do
    free[bucket] = tonumber(projected[bucket] or 0) - tonumber(reserved[bucket] or 0)
    total = total + free[bucket]
  end
  return free, total
end

-- Chooses `places` from what is free, from the home bucket on; returns {bucket, count} pairs and what was
-- missing.
local function choose_buckets(free, home, places)
  local chosen, missing = {}, places
  for step = 0, #free - 1 do
    local bucket = (home + step) % #free + 1
    local count = math.min(free[bucket], missing)
    if count > 0 then
      chosen[#chosen + 1] = { bucket - 1, count }
      missing = missing - count
    end
    if missing == 0 then break end
  end
  return chosen, missing
end
