-- Ends the reservations that nobody settled in time, oldest first, and never more than `most` in one call.
-- What became of their orders is not known here: the log may have them. So their requests are let through
-- from then on, or a refusal might contradict the log.
-- @include reservations.lua

local function expire_reservation(pending, deadlines, requests, request, now_ms)
  if end_reservation(pending, deadlines, request) then redis.call('ZADD', requests, now_ms, request) end
end

local function end_expired(pending, deadlines, requests, now_ms, most)
  local expired = redis.call('ZRANGEBYSCORE', deadlines, '-inf', now_ms, 'LIMIT', 0, most)
  for _, request in ipairs(expired) do
    expire_reservation(pending, deadlines, requests, request, now_ms)
  end
  return #expired
end
