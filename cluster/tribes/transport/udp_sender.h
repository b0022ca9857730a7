#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "cluster/tribes/transport/delivery.h"
#include "cluster/tribes/transport/socket_options.h"
#include "container/base/executor.h"
#include "container/base/gate.h"

namespace serval::tribes {

/// Messages with option kUdp: one datagram from a socket of its own to the UDP port of a member.
///
/// With kUseAck a message ends with the ACK. One that a member refuses is sent again,
/// maxRetryAttempts times at most; one that gets lost, or whose ACK does, is not: it fails after
/// `timeout`.
///
/// Errors: of the network, a message larger than a datagram, a member without a UDP port; every
/// delivery ends with one outcome.
/// Threads: any. Outcomes come on the thread that noticed them.
/// Source: Tomcat org.apache.catalina.tribes.transport.nio.NioSender; tribes-wire 5.2, 8.
class UdpSender : public std::enable_shared_from_this<UdpSender> {
 public:
  struct Config {
    int max_retries = 1;
    bool fail_on_failed_ack = true;
    std::chrono::milliseconds timeout{3000};
    UdpOptions socket;
  };
  /// `gate` is entered by everything that runs by itself; its owner closes it and waits before the
  /// executor goes away.
  UdpSender(const Config& config, Executor& executor, std::shared_ptr<Gate> gate)
      : config_(config), executor_(executor), gate_(std::move(gate)) {}

  void send(Delivery delivery);
  /// Ends everything with this cause; what is sent later ends so too.
  void close(const std::string& cause);
  /// Messages that have not ended.
  std::size_t load() const {
    const std::lock_guard lock(mutex_);
    return open_.size();
  }

 private:
  class Exchange;
  void forget(const std::shared_ptr<Exchange>& exchange);

  const Config config_;
  Executor& executor_;
  const std::shared_ptr<Gate> gate_;

  mutable std::mutex mutex_;
  std::set<std::shared_ptr<Exchange>> open_;  // guarded by mutex_, as is the rest
  std::size_t next_shard_ = 0;
  bool closed_ = false;
  std::string closed_because_;
};

}  // namespace serval::tribes
