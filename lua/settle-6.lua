-- Applies events of one sale: their effect on stock, buyers and seat map, the end of the reservations they
-- answer, and the checkpoint, in one step. Events that the checkpoint has seen change nothing; from a gap on
-- nothing is applied.
--
-- KEYS[1] stock      hash: revision, limit, bytes of the seat map, buckets of each category, projected free
--                    places of each bucket
-- KEYS[2] pending    hash: reservations, and what is pending of each bucket and buyer
-- KEYS[3] deadlines  sorted set: requests by the time their reservation ends
-- KEYS[4] buyers     hash: places that the log gives each buyer
-- KEYS[5] requests   sorted set: requests that the log has, or may have, answered with an order
-- KEYS[6] seats      string: the status of every seat, 2 bits each
-- ARGV[1] now        ms, from which the answered requests are remembered
-- ARGV[2] ...        events in the order of their revisions, none left out, each as
--                    revision, buyer ('' for none), home, places more for the buyer, request answered with an
--                    order ('' for none), request that got nothing ('' for none), status of seats, number of
--                    pairs, number of seats, pairs of category and places more, seats
--
-- Replies {'settled', revision, events applied}
--         {'behind', revision, events applied}  events between the checkpoint and a given one are missing
--         {'empty'}  no counters, or not all of them: refill
-- @include reservations.lua
-- @include buckets.lua
-- @include seats.lua
-- @include whole.lua

local stock, pending, deadlines = KEYS[1], KEYS[2], KEYS[3]
local buyers, requests, seats = KEYS[4], KEYS[5], KEYS[6]
local now_ms = ARGV[1]
local FIRST_EVENT = 2

local function first_seat(at)
  return at + 9 + 2 * ARGV[at + 7]
end

local function event_after(at)
  return first_seat(at) + ARGV[at + 8]
end

local buckets_of = {}

local function take_reserved(pieces, category, places)
  for of, bucket, count in each_piece(pieces) do
    if of == category and places > 0 then
      local taken = math.min(tonumber(count), places)
      redis.call('HINCRBY', stock, category .. ':' .. bucket, -taken)
      places = places - taken
    end
  end
  return places
end

-- An order that the gate did not see, or not as the log saw it, takes what is free; what is missing is owed.
local function take_free(category, buckets, home, places)
  local chosen, missing = choose_buckets(free_places(stock, pending, category, buckets), home, places)
  for _, piece in ipairs(chosen) do redis.call('HINCRBY', stock, category .. ':' .. piece[1], -piece[2]) end
  if missing > 0 then redis.call('HINCRBY', stock, category .. ':' .. home % buckets, -missing) end
end

local function change_stock(category, more, home, pieces)
  local buckets = buckets_of[category]
  if more > 0 then redis.call('HINCRBY', stock, category .. ':' .. home % buckets, more) end
  local left = more < 0 and take_reserved(pieces, category, -more) or 0
  if left > 0 then take_free(category, buckets, home, left) end
end

local function apply(at)
  local buyer, home, places, request = ARGV[at + 1], tonumber(ARGV[at + 2]), ARGV[at + 3], ARGV[at + 4]
  local pieces = ''
  if request ~= '' then
    pieces = end_reservation(pending, deadlines, request) or ''
    redis.call('ZADD', requests, now_ms, request)
  end
  if ARGV[at + 5] ~= '' then end_reservation(pending, deadlines, ARGV[at + 5]) end
  if buyer ~= '' and places ~= '0' then add_count(buyers, buyer, places) end
  for pair = at + 9, first_seat(at) - 1, 2 do
    change_stock(ARGV[pair], tonumber(ARGV[pair + 1]), home, pieces)
  end
  local numbers = {}
  for seat = first_seat(at), event_after(at) - 1 do numbers[#numbers + 1] = tonumber(ARGV[seat]) end
  set_seats(seats, ARGV[at + 6], numbers)
end

local revision, seat_bytes = unpack(redis.call('HMGET', stock, 'revision', 'seat_bytes'))
if not revision or not is_whole(buyers, requests) then return { 'empty' } end
if redis.call('STRLEN', seats) ~= tonumber(seat_bytes) then return { 'empty' } end
revision = tonumber(revision)
local at = FIRST_EVENT
while at <= #ARGV do
  for pair = at + 9, first_seat(at) - 1, 2 do
    local category = ARGV[pair]
    local known = buckets_of[category] or redis.call('HGET', stock, 'buckets:' .. category)
    buckets_of[category] = tonumber(known)
    if not buckets_of[category] then return redis.error_reply('ERR no counters of category ' .. category) end
  end
  at = event_after(at)
end

local applied, gap = 0, false
at = FIRST_EVENT
while at <= #ARGV and not gap do
  local event_revision = tonumber(ARGV[at])
  gap = event_revision > revision + 1
  if event_revision == revision + 1 then
    apply(at)
    revision, applied = event_revision, applied + 1
  end
  at = event_after(at)
end
if applied > 0 then redis.call('HSET', stock, 'revision', revision) end
return { gap and 'behind' or 'settled', revision, applied }
