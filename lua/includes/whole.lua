-- Redis may have evicted the buyers or the answered requests alone, and an event would begin them anew with
-- next to nothing in them. So a refill puts a mark into each: where one is missing, nothing is known.

local MARK = '#'

local function mark_whole(buyers, requests)
  redis.call('HSET', buyers, MARK, 1)
  redis.call('ZADD', requests, '+inf', MARK)
end

local function is_whole(buyers, requests)
  return redis.call('HEXISTS', buyers, MARK) == 1 and redis.call('ZSCORE', requests, MARK)
end
