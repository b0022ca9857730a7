#include "container/core/request_statistics.h"

namespace serval::core {

RequestStatistics::Totals RequestStatistics::totals() const {
  constexpr std::int64_t kPerMs = 1'000'000;
  constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  const auto read = [](const std::atomic<std::int64_t>& value) {
    return value.load(std::memory_order_relaxed);
  };
  Totals all;
  std::int64_t time_ns = 0, shortest_ns = kNone;
  for (const Part& one : parts_) {
    all.requests += read(one.requests);
    all.errors += read(one.errors);
    time_ns += read(one.time_ns);
    all.longest_ms = std::max(all.longest_ms, read(one.longest_ns) / kPerMs);
    shortest_ns = std::min(shortest_ns, read(one.shortest_ns));
  }
  all.time_ms = time_ns / kPerMs;
  if (shortest_ns != kNone) all.shortest_ms = shortest_ns / kPerMs;
  return all;
}

}  // namespace serval::core
