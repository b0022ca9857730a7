#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>

#include "cluster/tribes/interceptor.h"
#include "container/base/attribute.h"
#include "container/base/live_options.h"

namespace serval::tribes {

/// Messages with kAsynchronous end for their sender as soon as they are queued. The queue is that
/// of the lanes below; this counts what is in it. There is no thread to hand over to: sending never
/// waits for the network (so Tomcat's maxThreads, maxSpareThreads and keepAliveTime have no
/// meaning here).
///
/// When maxQueueSize is reached: alwaysSend keeps the sender waiting for its own message, otherwise
/// the send is refused.
///
/// A SendWatch hears how the message really ended.
///
/// Copies: none. Blocks: no. Units: maxQueueSize in bytes of content.
/// Source: Tomcat org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor;
/// tribes-wire 10.2.
class MessageDispatchInterceptor final : public Interceptor {
 public:
  struct Options {
    tribes::Options option_flag = option::kAsynchronous;
    bool always_send = true;
    std::int64_t max_queue_size = 64 * 1024 * 1024;
    // Without work to do here, and shown as they are written.
    int max_threads = 10, max_spare_threads = 2;
    std::chrono::milliseconds keep_alive_time{5000};
  };
  static std::span<const Attribute<Options>> attributes();
  static constexpr auto kSettable = std::to_array<std::string_view>({"alwaysSend"});

  MessageDispatchInterceptor();
  explicit MessageDispatchInterceptor(const Options& options);

  Result<> send(const Members& to, ChannelMessage message, Below below) override;
  std::string_view simple_name() const override { return "MessageDispatchInterceptor"; }
  const Options& options() const { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this,
                     "org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor");
  }
  static void add_figures(BeanTable<MessageDispatchInterceptor>& table);
  /// Bytes of content that are under way.
  std::int64_t queue_size() const { return queue_size_.load(std::memory_order_relaxed); }

 private:
  void ended(std::int64_t size, const SendReport& report);
  LiveOptions<Options> options_;
  std::atomic<std::int64_t> queue_size_{0}, queued_{0}, ended_{0};
};

}  // namespace serval::tribes
