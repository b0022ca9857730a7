#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "cluster/tribes/transport/lane_queue.h"
#include "cluster/tribes/transport/socket_options.h"
#include "container/base/clock.h"
#include "container/base/gate.h"

namespace boost::asio {
class io_context;
}

namespace serval::tribes {

/// One TCP connection to one member, made when it is needed and kept.
///
/// What is sent on a shard's thread leaves when the handlers that are ready there have run, so that
/// their frames share one system call; what any other thread sends leaves at once, unless it is one
/// of many asynchronous messages, which the home context gathers. Nobody but the kernel's buffer is
/// waited for. Reading, connecting and time limits run on the lane's home
/// context.
///
/// Errors: of the network; every delivery ends with one outcome.
/// Threads: any. Outcomes come on the thread that noticed them.
/// Source: Tomcat org.apache.catalina.tribes.transport.nio.NioSender; tribes-wire 8.8.
class Lane : public std::enable_shared_from_this<Lane> {
 public:
  struct Config {
    LaneQueue::Policy policy;
    SocketOptions socket;
    int keep_alive_count = -1;
    std::chrono::milliseconds keep_alive_time{-1};
    FaultSink faults;  // is told when the member closes an idle connection
  };
  /// `gate` is entered by everything that runs by itself for this lane, on whatever thread; its
  /// owner closes it and waits before the home context, or what the outcomes refer to, goes away.
  Lane(const Config& config, MemberPtr member, boost::asio::io_context& home,
       std::shared_ptr<Gate> gate);
  ~Lane();

  void send(Delivery delivery);
  /// Closes the connection if it is idle and has outlived keepAliveCount or keepAliveTime.
  void keep_alive();
  /// Ends everything with this cause; what is sent later ends so too.
  void close(const std::string& cause);
  /// Messages that have not ended.
  std::size_t load() const { return load_.load(std::memory_order_relaxed); }

 private:
  struct Link;
  class FlushLater;
  using LinkPtr = std::shared_ptr<Link>;
  using Ended = LaneQueue::Ended;

  void flush_soon(bool burst);
  void flush();
  bool write_batch();
  bool account(const LinkPtr& link, std::size_t written, int error, bool complete, Ended& ended);
  void wait_writable(const LinkPtr& link);
  void connect();
  void connected(const LinkPtr& link, const std::string& error);
  void read(const LinkPtr& link);
  void take_acks(const LinkPtr& link, std::size_t size);
  void lost(const LinkPtr& link, const std::string& cause);
  void on_timer();
  void arm(std::chrono::steady_clock::time_point when);
  // Require: mutex_ held.
  void start_connecting();
  void drop_link();
  void close_later(const LinkPtr& link);
  void replace_link(const std::string& cause, bool while_connecting, Ended& ended);
  bool outlived() const;
  void report(Ended& ended);

  const Config config_;
  const MemberPtr member_;
  boost::asio::io_context& home_;
  const std::shared_ptr<Gate> gate_;
  std::atomic<std::size_t> load_{0};

  std::mutex mutex_;
  LaneQueue queue_;  // guarded by mutex_, as is the rest
  LinkPtr link_;     // null: no connection wanted yet
  std::string closed_because_;
  bool closed_ = false;
  bool flush_due_ = false;
  Clock::Time last_write_{};
  bool timer_armed_ = false;

  struct Timer;
  std::unique_ptr<Timer> timer_;  // used on home_ only
};

}  // namespace serval::tribes
