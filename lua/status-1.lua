-- Writes what became of an order, unless something newer is written there already.
--
-- KEYS[1] order      string: revision, status, buyer, program, refusal, deadline, other order; '|' between
-- ARGV[1] revision   of the sale that says so; -1 for an order that waits in the queue
-- ARGV[2] status
-- ARGV[3] buyer      '' keeps the one there is; where there is none, nothing is written
-- ARGV[4] program
-- ARGV[5] refusal    '' for none
-- ARGV[6] deadline   ms, '' for none
-- ARGV[7] of         the order that a repeated request got before, '' for none
-- ARGV[8] ttl        ms
--
-- Replies 'written', 'newer', or 'unknown' when nobody said whose order it is

local order, revision, status, buyer, program = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local refusal, deadline_ms, of, ttl_ms = ARGV[5], ARGV[6], ARGV[7], ARGV[8]

local known_revision, known_buyer = string.match(redis.call('GET', order) or '', '^(-?%d+)|[^|]*|([^|]*)|')
if known_revision and tonumber(known_revision) >= tonumber(revision) then return 'newer' end
if buyer == '' then buyer = known_buyer end
if not buyer then return 'unknown' end
local value = table.concat({ revision, status, buyer, program, refusal, deadline_ms, of }, '|')
redis.call('SET', order, value, 'PX', ttl_ms)
return 'written'
