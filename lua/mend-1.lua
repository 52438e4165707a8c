-- Writes what became of an order, or removes it, where nothing else was written since somebody looked:
-- whatever revision it claims to be of.
--
-- KEYS[1] order      string: revision, status, buyer, program, refusal, deadline, other order; '|' between
-- ARGV[1] seen       what was there; '' for nothing
-- ARGV[2] value      what is to be there; '' for nothing
-- ARGV[3] ttl        ms
--
-- Replies 'mended', or 'changed' when something else is there now

local order, seen, value, ttl_ms = KEYS[1], ARGV[1], ARGV[2], ARGV[3]

if (redis.call('GET', order) or '') ~= seen then return 'changed' end
if value == '' then
  redis.call('UNLINK', order)
else
  redis.call('SET', order, value, 'PX', ttl_ms)
end
return 'mended'
