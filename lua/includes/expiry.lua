-- Ends the reservations that nobody settled in time, oldest first, and never more than `most` in one call.
-- @include reservations.lua

local function end_expired(pending, deadlines, now_ms, most)
  local expired = redis.call('ZRANGEBYSCORE', deadlines, '-inf', now_ms, 'LIMIT', 0, most)
  for _, request in ipairs(expired) do end_reservation(pending, deadlines, request) end
  return #expired
end
