-- Sets the counters and the seat map of a sale to what the log says at a revision, in parts, since a sale may
-- have many buyers and seats. From the first part to the last the gate is open. Reservations and
-- answered requests stay: their orders may still be on the way.
--
-- KEYS[1] stock      hash: revision, limit, bytes of the seat map, buckets of each category, projected free
--                    places of each bucket
-- KEYS[2] pending    hash: reservations, and what is pending of each bucket and buyer
-- KEYS[3] deadlines  sorted set: requests by the time their reservation ends
-- KEYS[4] buyers     hash: places that the log gives each buyer
-- KEYS[5] requests   sorted set: requests that the log has, or may have, answered with an order
-- KEYS[6] seats      string: the status of every seat, 2 bits each
-- ARGV[1] token      names this refill; the last one to begin wins
-- ARGV[2] revision   of the sale, which the counters are as of
-- ARGV[3] parts      'first', 'middle', 'last', or 'only' for the first and last
-- ARGV[4] limit      places per buyer
-- ARGV[5] now        ms, from which the answered requests are remembered
-- ARGV[6] buyers     how many pairs of buyer and places follow
-- ARGV[7] requests   how many requests follow them
-- ARGV[8] seat bytes of the whole seat map
-- ARGV[9] offset     of the seat map's bytes that come in this part
-- ARGV[10] bytes     of the seat map; '' for none in this part
-- ARGV[11] ttl       ms from this part on; 0 for counters that stay
-- ARGV[12] ...       pairs of buyer and places; requests; triples of category, buckets and free places
--                    (read in the last part)
--
-- Replies {'refilled', revision}   the last part: the gate works again
--         {'filling', revision}    another part may come
--         {'newer', revision}      counters as of a later revision are there or on their way: nothing changed
--         {'superseded'}           another refill has begun, or the keys are lost: begin again
-- @include reservations.lua
-- @include mending.lua
-- @include kept-buckets.lua
-- @include whole.lua

local stock, pending, deadlines = KEYS[1], KEYS[2], KEYS[3]
local buyers, requests, seats = KEYS[4], KEYS[5], KEYS[6]
local token, revision, part, limit, now_ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local seat_bytes, seat_offset, seat_part = ARGV[8], ARGV[9], ARGV[10]
local ttl_ms = tonumber(ARGV[11])
local FIRST_BUYER = 12
local first_request = FIRST_BUYER + 2 * ARGV[6]
local first_category = first_request + ARGV[7]

local function keep_for_now()
  if ttl_ms == 0 then return end
  for _, key in ipairs({ stock, buyers, seats }) do redis.call('PEXPIRE', key, ttl_ms) end
end

local has, filling, filling_as_of = unpack(redis.call('HMGET', stock, 'revision', 'filling', 'filling_as_of'))
if part == 'first' or part == 'only' then
  local newest = tonumber(has or filling_as_of or -1)
  if newest > tonumber(revision) then return { 'newer', newest } end
  redis.call('UNLINK', stock, buyers, seats)
  redis.call('HSET', stock, 'filling', token, 'filling_as_of', revision)
  mark_filling(buyers, requests)
  drop_half_reservations(pending, deadlines)
elseif filling ~= token or not is_filling(buyers, requests) then
  return { 'superseded' }
end
-- The parts of the seat map come one behind the other: here too one may have been lost.
if seat_part ~= '' and redis.call('STRLEN', seats) ~= tonumber(seat_offset) then return { 'superseded' } end

for index = FIRST_BUYER, first_request - 1, 2 do redis.call('HSET', buyers, ARGV[index], ARGV[index + 1]) end
for index = first_request, first_category - 1 do
  end_reservation(pending, deadlines, ARGV[index])
  redis.call('ZADD', requests, now_ms, ARGV[index])
end
if seat_part ~= '' then redis.call('SETRANGE', seats, seat_offset, seat_part) end
keep_for_now()
if part == 'first' or part == 'middle' then return { 'filling', tonumber(revision) } end

for index = first_category, #ARGV, 3 do
  local category, buckets, places = ARGV[index], tonumber(ARGV[index + 1]), tonumber(ARGV[index + 2])
  local share, over = math.floor(places / buckets), places % buckets
  local kept = least_buckets(pending, category, buckets)
  redis.call('HSET', stock, 'buckets:' .. category, kept)
  for bucket = 0, kept - 1 do
    local own = bucket < buckets and share + (bucket < over and 1 or 0) or 0
    redis.call('HSET', stock, category .. ':' .. bucket, own)
  end
end
mark_whole(buyers, requests)
redis.call('HDEL', stock, 'filling', 'filling_as_of')
redis.call('HSET', stock, 'revision', revision, 'limit', limit, 'seat_bytes', seat_bytes)
keep_for_now()
return { 'refilled', tonumber(revision) }
