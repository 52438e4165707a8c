-- Copies a version of a program's counters as it is at this moment, so that it can be read or changed at
-- leisure.
--
-- KEYS[1] stock      hash: revision, limit, bytes of the seat map, buckets of each category, projected free
--                    places of each bucket
-- KEYS[2] buyers     hash: places that the log gives each buyer
-- KEYS[3] requests   sorted set: requests that the log has, or may have, answered with an order
-- KEYS[4] seats      string: the status of every seat, 2 bits each
-- KEYS[5] copiedStock   what was there is replaced
-- KEYS[6] copiedBuyers
-- KEYS[7] copiedSeats
-- ARGV[1] ttl        ms, of the copy
--
-- Replies {revision}
--         {}  no counters, or not all of them
-- @include whole.lua

local stock, buyers, requests, seats = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local ttl_ms = ARGV[1]

local revision = tonumber(redis.call('HGET', stock, 'revision') or '')
if not revision or not is_whole(buyers, requests) then return {} end
redis.call('UNLINK', KEYS[5], KEYS[6], KEYS[7])
for from, to in pairs({ [stock] = KEYS[5], [buyers] = KEYS[6], [seats] = KEYS[7] }) do
  redis.call('COPY', from, to)
  redis.call('PEXPIRE', to, ttl_ms)
end
return { revision }
