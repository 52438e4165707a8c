-- Reads a part of the seat map together with the revision of the sale that it shows.
--
-- KEYS[1] stock      hash: revision, limit, bytes of the seat map, buckets of each category, projected free
--                    places of each bucket
-- KEYS[2] seats      string: the status of every seat, 2 bits each
-- ARGV[1] first      byte
-- ARGV[2] last       byte
--
-- Replies {revision, bytes}
--         {}  no seat map, or not that much of one

local stock, seats, first, last = KEYS[1], KEYS[2], ARGV[1], ARGV[2]

local revision = redis.call('HGET', stock, 'revision')
if not revision or redis.call('STRLEN', seats) <= tonumber(last) then return {} end
return { tonumber(revision), redis.call('GETRANGE', seats, first, last) }
