-- Makes another version of a program's counters the live one, unless it has seen less. What was live is kept
-- for a while. Reservations and answered requests belong to no version and stay.
--
-- KEYS[1] stock      hash: revision, limit, bytes of the seat map, buckets of each category, projected free
--                    places of each bucket
-- KEYS[2] pending    hash: reservations, and what is pending of each bucket and buyer
-- KEYS[3] deadlines  sorted set: requests by the time their reservation ends
-- KEYS[4] buyers     hash: places that the log gives each buyer
-- KEYS[5] requests   sorted set: requests that the log has, or may have, answered with an order
-- KEYS[6] seats      string: the status of every seat, 2 bits each
-- KEYS[7] nextStock  the version that is to be live
-- KEYS[8] nextBuyers
-- KEYS[9] nextSeats
-- KEYS[10] previousStock   replaced by what was live, with a field swap: which swap has replaced it
-- KEYS[11] previousBuyers
-- KEYS[12] previousSeats
-- ARGV[1] now        ms, from which the answered requests are remembered
-- ARGV[2] ttl        ms, of what was live
-- ARGV[3] foreign    a revision of the live version that the log does not have; '' for none
-- ARGV[4] swap       which swap this is, for the version that is replaced; '' for none
-- ARGV[5] ...        requests that the next version has seen answered with an order, and the live one may not
--                    have
--
-- Replies {'swapped', revision}
--         {'behind', revision}  the live version has seen more: this much
--         {'empty'}  no live version, or it is being filled
--         {'lost'}   no next version, or not all of it
-- @include reservations.lua
-- @include kept-buckets.lua
-- @include whole.lua

local stock, pending, deadlines = KEYS[1], KEYS[2], KEYS[3]
local buyers, requests, seats = KEYS[4], KEYS[5], KEYS[6]
local next_stock, next_buyers, next_seats = KEYS[7], KEYS[8], KEYS[9]
local now_ms, previous_ttl_ms, foreign, swap = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local FIRST_REQUEST = 5

local next_revision, seat_bytes = unpack(redis.call('HMGET', next_stock, 'revision', 'seat_bytes'))
if not next_revision or not is_whole(next_buyers, requests) then return { 'lost' } end
if redis.call('STRLEN', next_seats) ~= tonumber(seat_bytes) then return { 'lost' } end
local revision = redis.call('HGET', stock, 'revision')
if not revision then return { 'empty' } end
if tonumber(revision) > tonumber(next_revision) and revision ~= foreign then
  return { 'behind', tonumber(revision) }
end

for index = FIRST_REQUEST, #ARGV do
  end_reservation(pending, deadlines, ARGV[index])
  redis.call('ZADD', requests, now_ms, ARGV[index])
end
local fields = redis.call('HGETALL', next_stock)
for index = 1, #fields, 2 do
  local category, wanted = string.match(fields[index], '^buckets:(%d+)$'), tonumber(fields[index + 1])
  if category then
    local kept = least_buckets(pending, category, wanted)
    redis.call('HSET', next_stock, fields[index], kept)
    for bucket = wanted, kept - 1 do redis.call('HSET', next_stock, category .. ':' .. bucket, 0) end
  end
end

-- Of a sale that has ended, what is left of its day.
local live_ttl_ms = redis.call('PTTL', stock)
redis.call('UNLINK', KEYS[10], KEYS[11], KEYS[12])
local function move(from, to, ttl_ms)
  if redis.call('EXISTS', from) == 0 then return end
  redis.call('RENAME', from, to)
  if tonumber(ttl_ms) > 0 then redis.call('PEXPIRE', to, ttl_ms) else redis.call('PERSIST', to) end
end
if swap ~= '' then redis.call('HSET', stock, 'swap', swap) end
move(stock, KEYS[10], previous_ttl_ms)
move(buyers, KEYS[11], previous_ttl_ms)
move(seats, KEYS[12], previous_ttl_ms)
move(next_stock, stock, live_ttl_ms)
move(next_buyers, buyers, live_ttl_ms)
move(next_seats, seats, live_ttl_ms)
return { 'swapped', tonumber(next_revision) }
