-- Sets places aside for an order that is about to ask the log, or turns it away, in one round trip.
--
-- KEYS[1] stock      hash: revision, limit, bytes of the seat map, buckets of each category, projected free
--                    places of each bucket
-- KEYS[2] pending    hash: reservations, and what is pending of each bucket and buyer
-- KEYS[3] deadlines  sorted set: requests by the time their reservation ends
-- KEYS[4] buyers     hash: places that the log gives each buyer
-- KEYS[5] requests   sorted set: requests that the log has, or may have, answered with an order
-- ARGV[1] buyer
-- ARGV[2] home       number that names the buyer's first bucket
-- ARGV[3] request
-- ARGV[4] now        ms
-- ARGV[5] deadline   ms; the reservation is swept after it
-- ARGV[6] most       expired reservations that this call ends first, at most
-- ARGV[7] revision   the counters must have seen this one of the sale; -1 asks for none
-- ARGV[8] ...        pairs of category and places, no category twice
--
-- Replies {'reserved', deadline, 0}; with 1 last when the request had this reservation already
--         {'sold_out', category, places left there}
--         {'limit_per_buyer', limit, places the buyer has or is about to have}
--         {'duplicate_submission'}  the buyer has another order of the program under way
--         {'open', why}  let it through: 'empty', 'behind', 'unknown_category', or 'repeated' (it has, or may
--                        have, an order already)
-- @include expiry.lua
-- @include buckets.lua
-- @include whole.lua

local stock, pending, deadlines, buyers, requests = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local buyer, home, request, now_ms, deadline_ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local most_expired, least_revision = ARGV[6], ARGV[7]
local FIRST_TAKE = 8

local revision, limit = unpack(redis.call('HMGET', stock, 'revision', 'limit'))
if not revision then return { 'open', 'empty' } end
if tonumber(revision) < tonumber(least_revision) then return { 'open', 'behind' } end

end_expired(pending, deadlines, requests, now_ms, most_expired)

-- Whoever is turned away must not be one whom the log would answer.
local function refuse(reply)
  return is_whole(buyers, requests) and reply or { 'open', 'empty' }
end

local function ended_by_now(other)
  local until_ms = redis.call('ZSCORE', deadlines, other)
  if until_ms and tonumber(until_ms) > tonumber(now_ms) then return false, until_ms end
  expire_reservation(pending, deadlines, requests, other, now_ms)
  return true
end

if redis.call('HEXISTS', pending, 'r' .. request) == 1 then
  local ended, until_ms = ended_by_now(request)
  if not ended then return { 'reserved', until_ms, 1 } end
end
if redis.call('ZSCORE', requests, request) then return { 'open', 'repeated' } end

local under_way = redis.call('HGET', pending, 'g' .. buyer)
if under_way and not ended_by_now(under_way) then return refuse({ 'duplicate_submission' }) end

local wanted = 0
for index = FIRST_TAKE, #ARGV, 2 do wanted = wanted + ARGV[index + 1] end
local has = tonumber(redis.call('HGET', buyers, buyer) or 0)
  + tonumber(redis.call('HGET', pending, 'b' .. buyer) or 0)
if wanted > 0 and has + wanted > tonumber(limit) then
  return refuse({ 'limit_per_buyer', tonumber(limit), has })
end

local pieces = {}
for index = FIRST_TAKE, #ARGV, 2 do
  local category, places = ARGV[index], tonumber(ARGV[index + 1])
  local buckets = redis.call('HGET', stock, 'buckets:' .. category)
  if not buckets then return { 'open', 'unknown_category' } end
  local free, total = free_places(stock, pending, category, tonumber(buckets))
  if total < places then return refuse({ 'sold_out', tonumber(category), math.max(total, 0) }) end
  for _, piece in ipairs(choose_buckets(free, tonumber(home), places)) do
    pieces[#pieces + 1] = category .. ':' .. piece[1] .. ':' .. piece[2]
  end
end

begin_reservation(pending, deadlines, request, buyer, table.concat(pieces, ','), wanted, deadline_ms)
return { 'reserved', deadline_ms, 0 }
