#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <vector>

#include "cluster/tribes/transport/lane.h"
#include "cluster/tribes/transport/sender.h"
#include "cluster/tribes/transport/udp_sender.h"
#include "container/base/attribute.h"

namespace serval::tribes {

/// A message to several members goes to all of them at once, over up to poolSize connections
/// ("lanes") for each; a slow or dead member delays nobody else.
///
/// Which lane: to a Serval node two, one for messages without a key and one for the others, so that
/// frames gather in one write. To any other node an acknowledged message takes a free lane (its key
/// stays with it until it has ended), all else the first one. With kUdp a message takes none of
/// them and has no order (UdpSender).
///
/// Units: buffers in bytes, times in milliseconds; timeout is exact (Tomcat's takes up to 5 s).
/// Memory: at most 64 MiB wait for one lane; then a message fails at once.
/// Source: Tomcat org.apache.catalina.tribes.transport.nio.PooledParallelSender; config-reference
/// 2.7.
class PooledParallelSender final : public Sender {
 public:
  struct Options {
    int pool_size = 25;
    std::chrono::milliseconds timeout{3000};
    int max_retry_attempts = 1;
    int keep_alive_count = -1;
    std::chrono::milliseconds keep_alive_time{-1};
    bool throw_on_failed_ack = true;
    int rx_buf_size = 0;
    int tx_buf_size = 0;
    int udp_rx_buf_size = 25188;
    int udp_tx_buf_size = 65536;
    bool tcp_no_delay = true;
    bool so_keep_alive = false;
    bool oob_inline = true;
    bool so_reuse_address = true;
    int so_traffic_class = 28;
    // Without work to do here, and shown as they are written.
    std::chrono::milliseconds max_wait{3000};
    bool direct_buffer = false, so_linger_on = false;
    int so_linger_time = 3;
  };
  static std::span<const Attribute<Options>> attributes();

  PooledParallelSender() : PooledParallelSender(Options()) {}
  explicit PooledParallelSender(const Options& options) : options_(options) {}
  ~PooledParallelSender() override;

  Result<> start(Executor& executor, FaultSink faults) override;
  void stop() override;
  void send(const Members& to, ChannelMessage message) override;
  std::size_t under_way() const override;
  void remove(const Member& member) override;
  void keep_alive() override;
  const Options& options() const { return options_; }
  static void add_figures(BeanTable<PooledParallelSender>& table);
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.transport.nio.PooledParallelSender");
  }

  /// Connections now wanted to a member (for tests and JMX).
  std::size_t lane_count(const Member& member) const;

 private:
  class Peer;
  std::shared_ptr<Peer> peer(const MemberPtr& member);
  Lane::Config lane_config(bool pipelined) const;
  UdpSender::Config udp_config() const;
  std::shared_ptr<UdpSender> udp() const;
  std::vector<std::shared_ptr<Lane>> lanes() const;

  const Options options_;
  FaultSink faults_;
  std::shared_ptr<Gate> gate_;
  std::atomic<std::size_t> next_shard_{0};

  mutable std::shared_mutex mutex_;
  Executor* executor_ = nullptr;                     // null: not started
  std::shared_ptr<UdpSender> udp_;                   // guarded by mutex_
  std::map<UniqueId, std::shared_ptr<Peer>> peers_;  // guarded by mutex_
};

}  // namespace serval::tribes
