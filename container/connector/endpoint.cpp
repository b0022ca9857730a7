#include "container/connector/endpoint.h"

#include <algorithm>

#include "container/connector/http11_connection.h"

namespace serval::connector {

void ConnectionTable::add(Http11Connection& connection) {
  const std::lock_guard lock(mutex_);
  connections_.insert(&connection);
}

void ConnectionTable::remove(Http11Connection& connection) {
  std::vector<std::function<void()>> woken;
  {
    const std::lock_guard lock(mutex_);
    connections_.erase(&connection);
    gone_ += connection.counters().totals();
    if (connections_.empty()) empty_.notify_all();
    if (limit_ >= 0 && std::cmp_less_equal(connections_.size(), limit_)) woken = take_waiters();
  }
  for (auto& waiter : woken) waiter();
}

std::size_t ConnectionTable::size() const {
  const std::lock_guard lock(mutex_);
  return connections_.size();
}

std::size_t ConnectionTable::idle_count() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(connections_, [](const auto* one) { return one->is_idle(); }));
}

RequestTotals ConnectionTable::sum_locked() const {
  RequestTotals all = gone_;
  for (const Http11Connection* connection : connections_) all += connection->counters().totals();
  return all;
}

RequestTotals ConnectionTable::totals() const {
  const std::lock_guard lock(mutex_);
  RequestTotals all = sum_locked();
  all.requests -= zero_.requests;
  all.errors -= zero_.errors;
  all.received -= zero_.received;
  all.sent -= zero_.sent;
  all.time -= zero_.time;
  return all;
}

void ConnectionTable::reset_totals() {
  const std::lock_guard lock(mutex_);
  gone_.longest = {};
  for (Http11Connection* connection : connections_) connection->counters().forget_longest();
  zero_ = sum_locked();
}

bool ConnectionTable::is_over_limit() const {
  return limit_ >= 0 && std::cmp_greater(size(), limit_);
}

void ConnectionTable::when_there_is_room(std::function<void()> callback) {
  {
    const std::lock_guard lock(mutex_);
    if (limit_ >= 0 && std::cmp_greater(connections_.size(), limit_)) {
      waiters_.push_back(std::move(callback));
      return;
    }
  }
  callback();
}

std::vector<std::function<void()>> ConnectionTable::take_waiters() {
  return std::exchange(waiters_, {});
}

void ConnectionTable::release_waiters() {
  std::vector<std::function<void()>> woken;
  {
    const std::lock_guard lock(mutex_);
    woken = take_waiters();
  }
  for (auto& waiter : woken) waiter();
}

void ConnectionTable::end_idle() {
  const std::lock_guard lock(mutex_);
  for (Http11Connection* connection : connections_) connection->end_if_idle();
}

void ConnectionTable::break_all() {
  const std::lock_guard lock(mutex_);
  for (Http11Connection* connection : connections_) connection->break_off();
}

bool ConnectionTable::wait_empty(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return empty_.wait_for(lock, limit, [this] { return connections_.empty(); });
}

Shard& Endpoint::home_for_next(Shard& own) {
  Shard* best = &own;
  int fewest = own.connections.load(std::memory_order_relaxed);
  for (Shard& shard : shards) {
    const int count = shard.connections.load(std::memory_order_relaxed);
    if (count >= fewest) continue;
    fewest = count;
    best = &shard;
  }
  return *best;
}

}  // namespace serval::connector
