-- The seat map has 2 bits a seat, the lowest bits of a byte first; Redis counts bits from the highest.

local function set_seats(seats, status, numbers)
  local fields = {}
  for _, number in ipairs(numbers) do
    local offset = 8 * math.floor(number / 4) + 6 - 2 * (number % 4)
    fields[#fields + 1] = 'SET'
    fields[#fields + 1] = 'u2'
    fields[#fields + 1] = string.format('%d', offset)
    fields[#fields + 1] = status
  end
  if #fields > 0 then redis.call('BITFIELD', seats, unpack(fields)) end
end
