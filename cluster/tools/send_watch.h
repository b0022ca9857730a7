// cluster/tools/send_watch.h
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "cluster/tribes/interceptor.h"

namespace serval::tools {

/// Stands below all interceptors and knows what is still on its way to the network, asynchronous
/// messages included, whose sender is told nothing.
///
/// Copies: none. Blocks: only the waits. Threads: as an interceptor; the rest from any.
class SendWatch final : public tribes::Interceptor {
 public:
  /// Gets the members that did not take an asynchronous message.
  using Failed = std::function<void(const tribes::SendReport&)>;
  explicit SendWatch(Failed failed) : failed_(std::move(failed)) {}

  Result<> send(const tribes::Members& to, tribes::ChannelMessage message,
                tribes::Below below) override;
  std::string_view simple_name() const override { return "SendWatch"; }

  /// True as soon as fewer messages than `messages` and less content than `bytes` are on their way.
  bool wait_below(std::size_t messages, std::size_t bytes, std::chrono::milliseconds limit) const;
  /// True as soon as nothing is on its way.
  bool wait_idle(std::chrono::milliseconds limit) const { return wait_below(1, SIZE_MAX, limit); }

 private:
  void ended(std::size_t size);
  const Failed failed_;
  mutable std::mutex mutex_;
  mutable std::condition_variable fewer_;
  std::size_t messages_ = 0, bytes_ = 0;  // guarded by mutex_
};

}  // namespace serval::tools
