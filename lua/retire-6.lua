-- Has Redis forget a program after a while: its sale has ended, or nobody can say any more what is true of
-- it.
--
-- KEYS[1] stock      hash: revision, limit, bytes of the seat map, buckets of each category, projected free
--                    places of each bucket
-- KEYS[2] pending    hash: reservations, and what is pending of each bucket and buyer
-- KEYS[3] deadlines  sorted set: requests by the time their reservation ends
-- KEYS[4] buyers     hash: places that the log gives each buyer
-- KEYS[5] requests   sorted set: requests that the log has, or may have, answered with an order
-- KEYS[6] seats      string: the status of every seat, 2 bits each
-- ARGV[1] ttl        ms from now; 0 for at once
--
-- Replies how many of the keys there were

local stock, pending, deadlines = KEYS[1], KEYS[2], KEYS[3]
local buyers, requests, seats = KEYS[4], KEYS[5], KEYS[6]
local ttl_ms = ARGV[1]

local found = 0
for _, key in ipairs({ stock, pending, deadlines, buyers, requests, seats }) do
  found = found + redis.call('PEXPIRE', key, ttl_ms)
end
return found
