-- Redis may have evicted one of the two keys that describe reservations. One without the other would hold
-- places that no sweep finds, so both go; whoever was promised something there still has the log.

local function drop_half_reservations(pending, deadlines)
  if redis.call('EXISTS', pending) ~= redis.call('EXISTS', deadlines) then
    redis.call('UNLINK', pending, deadlines)
  end
end
