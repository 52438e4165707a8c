-- Puts back what a mending has replaced, and keeps what is replaced by that. What was written since then says
-- more than both, and stays.
--
-- KEYS[1] order      string: revision, status, buyer, program, refusal, deadline, other order; '|' between
-- KEYS[2] before     hash: was, what was there; now, what is there instead; swap, which has replaced it
-- ARGV[1] undoes     the swap that is undone
-- ARGV[2] swap       the one that does it
--
-- Replies 'restored'
--         'newer'  something else is there by now
--         'other'  another swap has replaced it, or this one has done so already

local order, before, undoes, swap = KEYS[1], KEYS[2], ARGV[1], ARGV[2]

local was, now, replaced_by = unpack(redis.call('HMGET', before, 'was', 'now', 'swap'))
if not was or replaced_by ~= undoes then return 'other' end
if (redis.call('GET', order) or '') ~= now then
  redis.call('UNLINK', before)
  return 'newer'
end
if was == '' then
  redis.call('UNLINK', order)
else
  redis.call('SET', order, was, 'PX', math.max(1, redis.call('PTTL', before)))
end
redis.call('HSET', before, 'was', now, 'now', was, 'swap', swap)
return 'restored'
