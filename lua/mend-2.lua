-- Writes what became of an order, or removes it, where nothing else was written since somebody looked:
-- whatever revision it claims to be of. What is replaced is kept, for a way back.
--
-- KEYS[1] order      string: revision, status, buyer, program, refusal, deadline, other order; '|' between
-- KEYS[2] before     hash: was, what was there; now, what is there instead; swap, which has replaced it
-- ARGV[1] seen       what was there; '' for nothing
-- ARGV[2] value      what is to be there; '' for nothing
-- ARGV[3] ttl        ms, of both
-- ARGV[4] swap
--
-- Replies 'mended', or 'changed' when something else is there now

local order, before = KEYS[1], KEYS[2]
local seen, value, ttl_ms, swap = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

if (redis.call('GET', order) or '') ~= seen then return 'changed' end
if value == '' then
  redis.call('UNLINK', order)
else
  redis.call('SET', order, value, 'PX', ttl_ms)
end
redis.call('HSET', before, 'was', seen, 'now', value, 'swap', swap)
redis.call('PEXPIRE', before, ttl_ms)
return 'mended'
