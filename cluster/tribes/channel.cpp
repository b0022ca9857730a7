#include "cluster/tribes/channel.h"

#include <condition_variable>
#include <mutex>
#include <optional>

#include "container/base/executor.h"

namespace serval::tribes {
namespace {

/// Where a sender waits. Shared with the callback, which may come after an error was returned.
struct Waiting {
  std::mutex mutex;
  std::condition_variable ended;
  std::optional<SendReport> report;
};

}  // namespace

Result<SendReport> Channel::send_and_wait(const Members& to, std::shared_ptr<const Bytes> content,
                                          Options options, std::uint64_t order_key) {
  const auto waiting = std::make_shared<Waiting>();
  const BlockingScope blocking;
  auto sent = send(to, std::move(content), options, order_key, [waiting](const SendReport& report) {
    const std::lock_guard lock(waiting->mutex);
    waiting->report = report;
    waiting->ended.notify_one();
  });
  if (!sent) return std::move(sent).error();
  std::unique_lock lock(waiting->mutex);
  waiting->ended.wait(lock, [&] { return waiting->report.has_value(); });
  return *std::move(waiting->report);
}

}  // namespace serval::tribes
