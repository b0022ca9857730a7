// cluster/tools/send_watch.h
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>

#include "cluster/tribes/interceptor.h"

namespace serval::tools {

/// Stands below all interceptors and knows what is still on its way to the network, asynchronous
/// messages included, whose sender is told nothing.
///
/// Copies: none. Blocks: only wait_idle. Threads: as an interceptor; the rest from any.
class SendWatch final : public tribes::Interceptor {
 public:
  /// Gets the members that did not take an asynchronous message.
  using Failed = std::function<void(const tribes::SendReport&)>;
  explicit SendWatch(Failed failed) : failed_(std::move(failed)) {}

  Result<> send(const tribes::Members& to, tribes::ChannelMessage message,
                tribes::Below below) override;
  std::string_view simple_name() const override { return "SendWatch"; }

  /// Bytes of content on their way.
  std::size_t bytes() const;
  std::size_t messages() const;
  /// True when nothing is on its way.
  bool wait_idle(std::chrono::milliseconds limit) const;

 private:
  void ended(std::size_t size);
  const Failed failed_;
  mutable std::mutex mutex_;
  mutable std::condition_variable idle_;
  std::size_t messages_ = 0, bytes_ = 0;  // guarded by mutex_
};

}  // namespace serval::tools
