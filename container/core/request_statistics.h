// container/core/request_statistics.h
#pragma once
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <limits>

namespace serval::core {

/// How many requests a servlet has had and how long they took. Each thread writes to a part of its
/// own, so that counting costs next to nothing; who asks adds the parts up.
///
/// Units: nanoseconds in, milliseconds out.
/// Threads: any.
class RequestStatistics {
 public:
  struct Totals {
    std::int64_t requests = 0, errors = 0;
    std::int64_t time_ms = 0, longest_ms = 0;
    std::int64_t shortest_ms = std::numeric_limits<std::int64_t>::max();  // as long as none ended

    Totals& operator+=(const Totals& other) {
      requests += other.requests;
      errors += other.errors;
      time_ms += other.time_ms;
      longest_ms = std::max(longest_ms, other.longest_ms);
      shortest_ms = std::min(shortest_ms, other.shortest_ms);
      return *this;
    }
  };

  void begin() { add(part().requests, 1); }
  void end(std::int64_t ns) {
    Part& own = part();
    add(own.time_ns, ns);
    raise(own.longest_ns, ns);
    lower(own.shortest_ns, ns);
  }
  void error() { add(part().errors, 1); }
  Totals totals() const;

 private:
  static constexpr std::size_t kParts = 8;
  struct alignas(64) Part {
    std::atomic<std::int64_t> requests{0}, errors{0}, time_ns{0}, longest_ns{0};
    std::atomic<std::int64_t> shortest_ns{std::numeric_limits<std::int64_t>::max()};
  };
  static void add(std::atomic<std::int64_t>& to, std::int64_t amount) {
    to.fetch_add(amount, std::memory_order_relaxed);
  }
  static void raise(std::atomic<std::int64_t>& to, std::int64_t value) {
    std::int64_t known = to.load(std::memory_order_relaxed);
    while (known < value && !to.compare_exchange_weak(known, value, std::memory_order_relaxed)) {
    }
  }
  static void lower(std::atomic<std::int64_t>& to, std::int64_t value) {
    std::int64_t known = to.load(std::memory_order_relaxed);
    while (known > value && !to.compare_exchange_weak(known, value, std::memory_order_relaxed)) {
    }
  }
  /// Threads take the parts in turn; with more threads than parts some share one.
  static std::size_t own_index() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t index = next.fetch_add(1, std::memory_order_relaxed) % kParts;
    return index;
  }
  Part& part() { return parts_[own_index()]; }

  std::array<Part, kParts> parts_;
};

}  // namespace serval::core
