#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "cluster/tribes/transport/receiver.h"
#include "container/base/attribute.h"

namespace serval::tribes {

/// Listens on the first free port of port … port+autoBind-1.
///
/// Handlers run inline on the executor's shards (a hop to another thread would cost more than the
/// work), so maxIdleTime, selectorTimeout and timeout have no meaning; minThreads and maxThreads
/// are the limits for threads of the executor. soLinger has no meaning either: closing never waits.
///
/// udpPort > 0 opens a UDP port too, the first free one of as many. securePort is announced and
/// nothing listens there, as in Tomcat.
///
/// Memory: a frame may hold 64 MiB; it grows with what has arrived. All frames that have begun and
/// not ended hold maxIncompleteSize together (Serval's own attribute); a connection that wants more
/// is closed.
///
/// Source: Tomcat org.apache.catalina.tribes.transport.nio.NioReceiver; config-reference 2.7.
class NioReceiver final : public Receiver {
 public:
  struct Options {
    std::string address = "auto";
    int port = 4000;
    int auto_bind = 100;
    int max_threads = 15;
    int min_threads = 0;  // as many as the processors make useful
    int secure_port = -1;
    int udp_port = -1;
    std::size_t max_incomplete = 256 * 1024 * 1024;
    int rx_buf_size = 0;
    int tx_buf_size = 0;
    int udp_rx_buf_size = 65536;
    int udp_tx_buf_size = 25188;
    bool tcp_no_delay = true;
    bool so_keep_alive = false;
    bool oob_inline = true;
    bool so_reuse_address = true;
    int so_traffic_class = 28;
    // Without work to do here, and shown as they are written.
    std::chrono::milliseconds max_idle_time{60000}, selector_timeout{5000}, timeout{3000};
    bool direct = true, use_buffer_pool = true, so_linger_on = true;
    int so_linger_time = 3;
  };
  static std::span<const Attribute<Options>> attributes();

  NioReceiver();
  explicit NioReceiver(const Options& options);
  ~NioReceiver() override;

  Result<> start(Executor& executor, MessageSink sink) override;
  void stop() override;
  Address address() const override;
  int max_threads() const override { return options_.max_threads; }
  int min_threads() const override { return options_.min_threads; }
  const Options& options() const { return options_; }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.transport.nio.NioReceiver");
  }
  /// Where it really listens.
  static void add_figures(BeanTable<NioReceiver>& table);
  /// Connections now open (for tests and JMX).
  std::size_t connection_count() const;

 private:
  struct Impl;
  std::int64_t tasks_now() const;
  std::int64_t tasks_done() const;
  const Options options_;
  std::shared_ptr<Impl> impl_;
};

}  // namespace serval::tribes
