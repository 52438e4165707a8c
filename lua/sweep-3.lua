-- Ends reservations whose time is over and forgets requests answered long ago, so that neither grows for
-- ever.
--
-- KEYS[1] pending    hash: reservations, and what is pending of each bucket and buyer
-- KEYS[2] deadlines  sorted set: requests by the time their reservation ends
-- KEYS[3] requests   sorted set: requests that the log has, or may have, answered with an order
-- ARGV[1] now        ms
-- ARGV[2] forget     ms; requests answered up to then are forgotten
-- ARGV[3] most       of each kind in this call, at most
--
-- Replies {reservations ended, requests forgotten}; call again while one of them is `most`
-- @include expiry.lua
-- @include mending.lua

local pending, deadlines, requests = KEYS[1], KEYS[2], KEYS[3]
local now_ms, forget_ms, most = ARGV[1], ARGV[2], ARGV[3]

drop_half_reservations(pending, deadlines)
local ended = end_expired(pending, deadlines, requests, now_ms, most)
local old = redis.call('ZRANGEBYSCORE', requests, '-inf', forget_ms, 'LIMIT', 0, most)
for _, request in ipairs(old) do redis.call('ZREM', requests, request) end
return { ended, #old }
