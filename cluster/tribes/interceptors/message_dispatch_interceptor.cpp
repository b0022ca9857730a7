#include "cluster/tribes/interceptors/message_dispatch_interceptor.h"

#include <fmt/format.h>

#include <array>

#include "container/base/log.h"

namespace serval::tribes {
namespace {
const Log kLog{"org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor"};
}

std::span<const Attribute<MessageDispatchInterceptor::Options>>
MessageDispatchInterceptor::attributes() {
  using O = Options;
  static const std::array table{
      attribute("optionFlag", &O::option_flag, "messages with these options are queued; keep 8"),
      attribute("alwaysSend", &O::always_send, "queue full: the sender waits; false: an error"),
      attribute("maxQueueSize", &O::max_queue_size, "limit of the queue, bytes"),
      attribute("maxThreads", &O::max_threads, "no meaning here: no thread sends"),
      attribute("maxSpareThreads", &O::max_spare_threads, "no meaning here: as maxThreads"),
      attribute("keepAliveTime", &O::keep_alive_time, "no meaning here: as maxThreads"),
  };
  return table;
}

/// A task is a message; there are no threads for them.
void MessageDispatchInterceptor::add_figures(BeanTable<MessageDispatchInterceptor>& table) {
  using This = MessageDispatchInterceptor;
  table.read("CurrentSize", [](const This& m) { return m.queue_size(); })
      .read("PoolSize", [](const This&) { return 0; })
      .read("ActiveCount", [](const This&) { return 0; })
      .read("TaskCount", [](const This& m) { return m.queued_.load(); })
      .read("CompletedTaskCount", [](const This& m) { return m.ended_.load(); });
}

MessageDispatchInterceptor::MessageDispatchInterceptor() : MessageDispatchInterceptor(Options()) {}

MessageDispatchInterceptor::MessageDispatchInterceptor(const Options& options)
    : Interceptor(options.option_flag), options_(options) {
  if (options.option_flag != option::kAsynchronous) {
    kLog.warn(
        "Warning, you are overriding the asynchronous option flag, this will disable the "
        "Channel.SEND_OPTIONS_ASYNCHRONOUS that other apps might use.");
  }
}

Result<> MessageDispatchInterceptor::send(const Members& to, ChannelMessage message, Below below) {
  if (!ok_to_process(message.options)) return below.send(to, std::move(message));
  const auto size = static_cast<std::int64_t>(message.content->size());
  if (queue_size_.fetch_add(size, std::memory_order_relaxed) + size > options_->max_queue_size) {
    queue_size_.fetch_sub(size, std::memory_order_relaxed);
    if (options_->always_send) return below.send(to, std::move(message));
    return Error{Errc::kBadState,
                 fmt::format("Asynchronous queue is full, reached its limit of [{}] bytes, "
                             "current:[{}] bytes.",
                             options_->max_queue_size, queue_size())};
  }
  queued_.fetch_add(1, std::memory_order_relaxed);
  const auto watch = message.watch;
  if (watch) watch->let_go = true;
  const SendDone done = std::exchange(message.done, [this, size, watch](const SendReport& report) {
    ended(size, report);
    if (watch) watch->tell(watch->id, report);
  });
  if (auto sent = below.send(to, std::move(message)); !sent) {
    ended(size, {});
    return sent;
  }
  if (done) done({});
  return {};
}

void MessageDispatchInterceptor::ended(std::int64_t size, const SendReport& report) {
  queue_size_.fetch_sub(size, std::memory_order_relaxed);
  ended_.fetch_add(1, std::memory_order_relaxed);
  for (const FaultyMember& faulty : report.faulty) {
    kLog.debug("Error while processing async message to [{}]: {}", faulty.member->name(),
               faulty.cause);
  }
}

}  // namespace serval::tribes
