-- A reservation is a field 'r<request>' of the pending hash,
-- '<category>:<bucket>:<places>,...|<buyer>|<places>', and a member of the deadlines. Beside it in the same
-- hash, so that all are lost together or not at all: what is pending of a bucket ('<category>:<bucket>')
-- and of a buyer ('b<buyer>'), and the submission that a buyer has under way ('g<buyer>' names its
-- request).
-- @include counting.lua

local function each_piece(pieces)
  return string.gmatch(pieces, '(%d+):(%d+):(%d+)')
end

local function begin_reservation(pending, deadlines, request, buyer, pieces, places, deadline_ms)
  redis.call('HSET', pending, 'r' .. request, pieces .. '|' .. buyer .. '|' .. places, 'g' .. buyer, request)
  redis.call('ZADD', deadlines, deadline_ms, request)
  if places > 0 then redis.call('HINCRBY', pending, 'b' .. buyer, places) end
  for category, bucket, count in each_piece(pieces) do
    redis.call('HINCRBY', pending, category .. ':' .. bucket, count)
  end
end

-- Gives its places back and returns its pieces; nil when there is no such reservation.
local function end_reservation(pending, deadlines, request)
  local reservation = redis.call('HGET', pending, 'r' .. request)
  redis.call('ZREM', deadlines, request)
  if not reservation then return nil end
  local pieces, buyer, places = string.match(reservation, '^(.-)|(.-)|(%d+)$')
  redis.call('HDEL', pending, 'r' .. request)
  if redis.call('HGET', pending, 'g' .. buyer) == request then redis.call('HDEL', pending, 'g' .. buyer) end
  if tonumber(places) > 0 then add_count(pending, 'b' .. buyer, -places) end
  for category, bucket, count in each_piece(pieces) do
    add_count(pending, category .. ':' .. bucket, -count)
  end
  return pieces
end
