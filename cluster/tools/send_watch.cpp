#include "cluster/tools/send_watch.h"

namespace serval::tools {

Result<> SendWatch::send(const tribes::Members& to, tribes::ChannelMessage message,
                         tribes::Below below) {
  const std::size_t size = message.content->size();
  const bool asynchronous = (message.options & tribes::option::kAsynchronous) != 0;
  {
    const std::lock_guard lock(mutex_);
    ++messages_;
    bytes_ += size;
  }
  message.done = [this, size, asynchronous,
                  done = std::move(message.done)](const tribes::SendReport& report) {
    if (asynchronous && !report.ok()) failed_(report);
    if (done) done(report);
    ended(size);
  };
  auto sent = below.send(to, std::move(message));
  if (!sent) ended(size);
  return sent;
}

void SendWatch::ended(std::size_t size) {
  const std::lock_guard lock(mutex_);
  bytes_ -= size;
  --messages_;
  fewer_.notify_all();
}

bool SendWatch::wait_below(std::size_t messages, std::size_t bytes,
                           std::chrono::milliseconds limit) const {
  std::unique_lock lock(mutex_);
  return fewer_.wait_for(lock, limit, [&] { return messages_ < messages && bytes_ < bytes; });
}

}  // namespace serval::tools
