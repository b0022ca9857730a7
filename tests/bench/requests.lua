-- For wrk: takes turns through the session cookies of the file named by SERVAL_BENCH_COOKIES, if any, and prints one
-- line of raw numbers: requests, microseconds, p50, p99 (microseconds), errors. With SERVAL_BENCH_PAUSE a connection
-- rests that many milliseconds on average before a request; the time of a request does not include it.
local requests, next_request = {}, 0
local pause = tonumber(os.getenv("SERVAL_BENCH_PAUSE"))

if pause then
  function delay()
    return math.random(0, 2 * pause)
  end
end

function init(arguments)
  local file = os.getenv("SERVAL_BENCH_COOKIES")
  if not file then return end
  for cookie in io.lines(file) do
    requests[#requests + 1] = wrk.format("GET", nil, { ["Cookie"] = cookie })
  end
  request = function()
    next_request = next_request % #requests + 1
    return requests[next_request]
  end
end

function done(summary, latency, _)
  local e = summary.errors
  print(string.format("RAW %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
