-- The order is in the log: its buyer may submit the next one, while the reservation still waits for its
-- event, and the same request is let through to its answer whatever becomes of the reservation.
--
-- KEYS[1] pending    hash: reservations, and what is pending of each bucket and buyer
-- KEYS[2] requests   sorted set: requests that the log has, or may have, answered with an order
-- ARGV[1] buyer
-- ARGV[2] request
-- ARGV[3] now        ms, from which the request is remembered
--
-- Replies 'confirmed', or 'unknown' when that request is not what the buyer has under way

local pending, requests, buyer, request, now_ms = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3]

redis.call('ZADD', requests, now_ms, request)
if redis.call('HGET', pending, 'g' .. buyer) ~= request then return 'unknown' end
redis.call('HDEL', pending, 'g' .. buyer)
return 'confirmed'
