-- What wrk sends. Arguments: "read", or the member by which a booking names whom it is for; the
-- number of students; the first hour that nobody has asked for yet; and how many students further the
-- next booking is. Each request has the next caller's headers, by way of CALLERS: a line of headers
-- for each, so that no caller asks more often than one may.
local kind, students, hour, apart
local callers = {}
local turn = 0

local function moment(hours)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", 1893456000 + hours * 3600)
end

function init(arguments)
  kind, students = arguments[1], tonumber(arguments[2])
  hour, apart = tonumber(arguments[3]), tonumber(arguments[4])
  for line in io.lines(os.getenv("CALLERS")) do
    local headers = { ["Content-Type"] = "application/json" }
    for name, value in line:gmatch("([^\t:]+): ([^\t]+)") do headers[name] = value end
    table.insert(callers, headers)
  end
end

function request()
  turn = turn + 1
  local headers = callers[turn % #callers + 1]
  if kind == "read" then return wrk.format("GET", nil, headers) end
  local row = (kind == "studentId" and "s" or "l") .. turn * apart % students
  local starts, ends = moment(hour), moment(hour + 1)
  hour = hour + 1
  local body = string.format('{"%s":"%s","startTime":"%s","endTime":"%s"}', kind, row, starts, ends)
  return wrk.format("POST", nil, headers, body)
end
