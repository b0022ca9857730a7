// container/connector/request_counters.h
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace serval::connector {

/// What the requests of a connection, or of many, add up to.
struct RequestTotals {
  std::int64_t requests = 0, errors = 0;  // errors: status 400 and above
  std::int64_t received = 0, sent = 0;    // bytes of bodies
  std::chrono::nanoseconds time{0}, longest{0};

  RequestTotals& operator+=(const RequestTotals& other) {
    requests += other.requests;
    errors += other.errors;
    received += other.received;
    sent += other.sent;
    time += other.time;
    longest = std::max(longest, other.longest);
    return *this;
  }
};

/// The figures of one connection. Nobody but the connection writes them, so counting a request is a
/// few plain stores.
///
/// Threads: add() by the connection; the others from any.
/// Source: Tomcat org.apache.coyote.RequestInfo.
class RequestCounters {
 public:
  void add(const RequestTotals& more) {
    add(requests_, more.requests);
    if (more.errors != 0) add(errors_, more.errors);
    if (more.received != 0) add(received_, more.received);
    add(sent_, more.sent);
    add(time_ns_, more.time.count());
    if (more.longest.count() > read(longest_ns_)) {
      longest_ns_.store(more.longest.count(), std::memory_order_relaxed);
    }
  }
  /// From any thread; a request that ends at this moment may undo it.
  void forget_longest() { longest_ns_.store(0, std::memory_order_relaxed); }
  RequestTotals totals() const {
    return {read(requests_),
            read(errors_),
            read(received_),
            read(sent_),
            std::chrono::nanoseconds(read(time_ns_)),
            std::chrono::nanoseconds(read(longest_ns_))};
  }

 private:
  using Counter = std::atomic<std::int64_t>;
  static std::int64_t read(const Counter& counter) {
    return counter.load(std::memory_order_relaxed);
  }
  static void add(Counter& counter, std::int64_t more) {
    counter.store(read(counter) + more, std::memory_order_relaxed);
  }

  Counter requests_{0}, errors_{0}, received_{0}, sent_{0}, time_ns_{0}, longest_ns_{0};
};

}  // namespace serval::connector
