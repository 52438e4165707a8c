-- Gives a reservation back whose order came to nothing, so that its places need not wait for the sweep.
--
-- KEYS[1] pending    hash: reservations, and what is pending of each bucket and buyer
-- KEYS[2] deadlines  sorted set: requests by the time their reservation ends
-- ARGV[1] request
--
-- Replies 'released', or 'unknown' when it was settled, swept or released already
-- @include reservations.lua

local pieces = end_reservation(KEYS[1], KEYS[2], ARGV[1])
return pieces and 'released' or 'unknown'
