-- Reads what the gate believes, at one moment: for people, for tests, and to compare with a fold of the log.
--
-- KEYS[1] stock      hash: revision, limit, bytes of the seat map, buckets of each category, projected free
--                    places of each bucket
-- KEYS[2] pending    hash: reservations, and what is pending of each bucket and buyer
-- KEYS[3] buyers     hash: places that the log gives each buyer
-- KEYS[4] requests   sorted set: requests that the log has, or may have, answered with an order
-- KEYS[5] seats      string: the status of every seat, 2 bits each
--
-- Replies {revision, buyers, bytes of the seat map, triples of category, projected free places and pending
--         places, in no order}
--         {}  no counters, or not all of them
-- @include whole.lua

local stock, pending, buyers, requests, seats = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

local revision = redis.call('HGET', stock, 'revision')
if not revision or not is_whole(buyers, requests) then return {} end
local reply = { tonumber(revision), redis.call('HLEN', buyers) - 1, redis.call('STRLEN', seats) }
-- Bounded by the layout: the fields are those of the categories and their buckets.
local fields = redis.call('HGETALL', stock)
for index = 1, #fields, 2 do
  local category = string.match(fields[index], '^(%d+):%d+$')
  if category then
    reply[#reply + 1] = tonumber(category)
    reply[#reply + 1] = tonumber(fields[index + 1])
    reply[#reply + 1] = tonumber(redis.call('HGET', pending, fields[index]) or 0)
  end
end
return reply
