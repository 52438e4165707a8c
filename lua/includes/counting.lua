-- Counters that are gone when they are zero, so that a hash holds only what is under way.

local function add_count(key, field, delta)
  if redis.call('HINCRBY', key, field, delta) <= 0 then redis.call('HDEL', key, field) end
end
