// container/connector/endpoint.h
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "container/connector/http11_options.h"
#include "container/connector/request_counters.h"
#include "container/core/connector.h"

namespace boost::asio {
class io_context;
}
namespace serval {
class DeadlineWheel;
}

namespace serval::connector {

class Http11Connection;

/// The open connections of a connector and their limit.
///
/// Threads: any.
class ConnectionTable {
 public:
  explicit ConnectionTable(int limit) : limit_(limit) {}

  void add(Http11Connection& connection);
  void remove(Http11Connection& connection);
  std::size_t size() const;
  /// How many wait for a next request.
  std::size_t idle_count() const;
  /// True while there are more connections than maxConnections.
  bool is_over_limit() const;
  /// Calls once there is room again, or at release_waiters(); at once if there is room now.
  void when_there_is_room(std::function<void()> callback);
  void release_waiters();

  /// What all requests since the start, or since reset_totals(), add up to.
  RequestTotals totals() const;
  void reset_totals();

  /// Ends the wait for a next request on all connections.
  void end_idle();
  /// Breaks all connections.
  void break_all();
  /// False if the limit came first.
  bool wait_empty(std::chrono::milliseconds limit);

 private:
  std::vector<std::function<void()>> take_waiters();
  RequestTotals sum_locked() const;

  const int limit_;
  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::unordered_set<Http11Connection*> connections_;
  std::vector<std::function<void()>> waiters_;
  RequestTotals gone_;  // of connections that have ended
  RequestTotals zero_;  // where counting begins
};

/// A loop of the connector's executor, and how many connections live on it.
struct Shard {
  Shard(boost::asio::io_context& its_loop, DeadlineWheel& its_deadlines)
      : loop(its_loop), deadlines(its_deadlines) {}
  boost::asio::io_context& loop;
  DeadlineWheel& deadlines;
  std::atomic<int> connections{0};
};

/// What the listeners and connections of one running connector share.
///
/// Threads: constant while it runs, but for the atomics and the table.
struct Endpoint {
  Endpoint(const Http11Options& given, core::Connector& owner, core::Adapter& service)
      : options(given),
        head_rules(given.head_rules()),
        request_rules(given.request_rules()),
        connector(owner),
        adapter(service),
        connections(given.max_connections) {}

  /// Where the next connection shall live: the shard with the fewest, `own` if none has fewer.
  Shard& home_for_next(Shard& own);

  const Http11Options& options;
  const HeadRules head_rules;
  const RequestRules request_rules;
  core::Connector& connector;
  core::Adapter& adapter;
  /// Every answer is the last one of its connection.
  std::atomic<bool> draining{false};
  /// No connection waits for a request any more.
  std::atomic<bool> ends_idle{false};
  ConnectionTable connections;
  std::deque<Shard> shards;
};

}  // namespace serval::connector
