-- What wrk sends: one file in a form, as a browser does. FILE and KEY come from the environment.
local stream = assert(io.open(os.getenv("FILE"), "rb"))
local content = stream:read("*a")
stream:close()

local boundary = "benchmark-of-the-service"
wrk.method = "POST"
wrk.headers["Content-Type"] = "multipart/form-data; boundary=" .. boundary
if os.getenv("KEY") then wrk.headers["Authorization"] = "Bearer " .. os.getenv("KEY") end
wrk.body = "--" .. boundary .. "\r\n"
  .. 'Content-Disposition: form-data; name="file"; filename="photo.jpg"\r\n'
  .. "Content-Type: image/jpeg\r\n\r\n" .. content .. "\r\n--" .. boundary .. "--\r\n"

done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\nFIGURES {"requests": %d, "seconds": %.3f, "p50": %.2f, "p95": %.2f, "p99": %.2f, "failed": %d, "refused": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    latency:percentile(99) / 1e3, errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
