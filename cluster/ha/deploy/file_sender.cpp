#include "cluster/ha/deploy/file_sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "cluster/ha/deploy/file_message.h"
#include "container/base/log.h"

namespace serval::ha {
namespace {

const Log kLog("org.apache.catalina.ha.deploy.FarmWarDeployer");
constexpr int kWindow = 32;  // pieces on their way

/// Shared with the completions, which may come after send() gave up.
struct Progress {
  std::mutex mutex;
  std::condition_variable changed;
  int outstanding = 0;
  std::vector<tribes::FaultyMember> faulty;
};

}  // namespace

Result<> FileSender::send(const std::filesystem::path& file, const std::string& context_name,
                          tribes::Members to) {
  std::error_code ec;
  const std::uintmax_t size = std::filesystem::file_size(file, ec);
  std::ifstream in(file, std::ios::binary);
  if (ec || !in) return Error{Errc::kIo, fmt::format("cannot read {}", file.string())};

  FileMessage message;
  message.context_name = context_name;
  message.file_name = file.filename().string();
  message.total_messages = static_cast<std::int64_t>(size / FileMessage::kChunkSize) + 1;
  // Without the asynchronous bit: the end of each send is the network's, which bounds what is on
  // its way.
  const tribes::Options options = options_ & ~tribes::option::kAsynchronous;
  const std::uint64_t order_key = std::hash<std::string>()(message.file_name);
  const auto progress = std::make_shared<Progress>();

  std::uintmax_t left = size;
  for (std::int64_t number = 1; number <= message.total_messages && !to.empty() && !cancelled_;
       ++number) {
    const auto length =
        static_cast<std::streamsize>(std::min<std::uintmax_t>(left, FileMessage::kChunkSize));
    message.data.resize(static_cast<std::size_t>(length));
    if (length > 0 && !in.read(reinterpret_cast<char*>(message.data.data()), length)) {
      return Error{Errc::kIo, fmt::format("{} changed while it was sent", file.string())};
    }
    left -= static_cast<std::uintmax_t>(length);
    message.message_number = static_cast<std::int32_t>(number);

    std::unique_lock lock(progress->mutex);
    progress->changed.wait(lock, [&] { return progress->outstanding < kWindow; });
    for (const auto& lost : std::exchange(progress->faulty, {})) {
      kLog.warn("Sending {} to [{}] failed at piece {} of {}: {}", message.file_name,
                lost.member->name(), number, message.total_messages, lost.cause);
      std::erase_if(to, [&](const auto& member) { return *member == *lost.member; });
    }
    if (to.empty()) break;
    ++progress->outstanding;
    lock.unlock();
    const auto done = [progress](const tribes::SendReport& report) {
      const std::lock_guard guard(progress->mutex);
      progress->faulty.insert(progress->faulty.end(), report.faulty.begin(), report.faulty.end());
      --progress->outstanding;
      progress->changed.notify_all();
    };
    auto content = std::make_shared<const tribes::Bytes>(message.encode());
    if (auto sent = channel_.send(to, std::move(content), options, order_key, done); !sent)
      return sent.error();
  }
  std::unique_lock lock(progress->mutex);
  progress->changed.wait(lock, [&] { return progress->outstanding == 0; });
  for (const auto& lost : progress->faulty) {
    std::erase_if(to, [&](const auto& member) { return *member == *lost.member; });
  }
  if (cancelled_)
    return Error{Errc::kCancelled, fmt::format("sending {} was cancelled", file.string())};
  if (to.empty()) return Error{Errc::kIo, fmt::format("no member took {}", file.string())};
  return {};
}

}  // namespace serval::ha
