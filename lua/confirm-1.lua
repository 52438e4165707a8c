-- The order is in the log: its buyer may submit the next one, while the reservation still waits for its
-- event.
--
-- KEYS[1] pending    hash: reservations, and what is pending of each bucket and buyer
-- ARGV[1] buyer
-- ARGV[2] request
--
-- Replies 'confirmed', or 'unknown' when that request is not what the buyer has under way

local pending, buyer, request = KEYS[1], ARGV[1], ARGV[2]

if redis.call('HGET', pending, 'g' .. buyer) ~= request then return 'unknown' end
redis.call('HDEL', pending, 'g' .. buyer)
return 'confirmed'
