#pragma once
#include <cstdint>
#include <mutex>
#include <span>

#include "cluster/tribes/interceptor.h"
#include "container/base/attribute.h"
#include "container/base/live_options.h"

namespace serval::tribes {

/// Counts messages and bytes where it stands in the stack, and reports after every `interval`
/// messages sent or received. A frame counts in full: with its header and the sender's record.
///
/// Copies: none. Blocks: no. Units: MB of 2^20 bytes, seconds.
/// Source: Tomcat org.apache.catalina.tribes.group.interceptors.ThroughputInterceptor; tribes-wire
/// 10.3. Tomcat's number of sent messages is one too high; here it is the number. A message counts
/// as sent when its end is known, which for asynchronous ones is later than for its sender.
class ThroughputInterceptor final : public Interceptor {
 public:
  struct Options {
    int interval = 10000;
    tribes::Options option_flag = 0;
  };
  static std::span<const Attribute<Options>> attributes();
  static constexpr auto kSettable = std::to_array<std::string_view>({"interval"});
  struct Figures {
    std::int64_t last_cnt = 0;                   // reports of sent messages so far
    double mb_app_tx = 0, mb_tx = 0, mb_rx = 0;  // sent, sent times destinations, received
    std::int64_t msg_rx_cnt = 0, msg_tx_cnt = 0, msg_tx_err = 0;
    std::int64_t rx_start = 0, tx_start = 0;  // wall clock: first receipt, last begin of sending
    double time_tx = 0;                       // while at least one message was being sent
  };

  explicit ThroughputInterceptor(const Options& options);

  Result<> send(const Members& to, ChannelMessage message, Below below) override;
  Result<> receive(ChannelMessage message, Above above) override;
  std::string_view simple_name() const override { return "ThroughputInterceptor"; }
  const Options& options() const { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.group.interceptors.ThroughputInterceptor");
  }

  Figures figures() const;
  static void add_figures(BeanTable<ThroughputInterceptor>& table);
  /// Writes the figures to the log.
  void report() const;

 private:
  bool is_due(std::int64_t messages) const;
  void begin_send();
  void end_send(std::size_t size, std::size_t destinations, bool ok);

  LiveOptions<Options> options_;
  mutable std::mutex mutex_;
  Figures figures_;         // guarded by mutex_
  int sending_ = 0;         // guarded by mutex_
  Clock::Time send_begin_;  // guarded by mutex_
};

}  // namespace serval::tribes
