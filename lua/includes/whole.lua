-- Redis may have evicted the buyers or the answered requests alone, and an event would begin them anew with
-- next to nothing in them. So a refill puts a mark into each: where one is missing, nothing is known.

local MARK = '#'
-- As long as a refill is under way: what it has put there so far is still there.
local FILLING = '~'

local function mark_filling(buyers, requests)
  redis.call('HSET', buyers, FILLING, 1)
  redis.call('ZADD', requests, '+inf', FILLING)
end

local function is_filling(buyers, requests)
  return redis.call('HEXISTS', buyers, FILLING) == 1 and redis.call('ZSCORE', requests, FILLING)
end

local function mark_whole(buyers, requests)
  redis.call('HSET', buyers, MARK, 1)
  redis.call('ZADD', requests, '+inf', MARK)
  redis.call('HDEL', buyers, FILLING)
  redis.call('ZREM', requests, FILLING)
end

local function is_whole(buyers, requests)
  return redis.call('HEXISTS', buyers, MARK) == 1 and redis.call('ZSCORE', requests, MARK)
end
