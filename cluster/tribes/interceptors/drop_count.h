#pragma once
#include <atomic>
#include <bit>
#include <cstdint>
#include <string_view>

#include "cluster/tribes/message.h"
#include "container/base/log.h"

namespace serval::tribes {

/// Counts messages that an interceptor drops and tells of the first, second, fourth, eighth … one,
/// so that a peer with a wrong setting is seen and cannot fill the log.
///
/// Threads: any.
class DropCount {
 public:
  void add(const Log& log, const ChannelMessage& message, std::string_view why) {
    const std::uint64_t count = count_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (!std::has_single_bit(count)) return;
    log.warn("{}; message of [{}] bytes from [{}] dropped ([{}] so far)", why,
             message.content->size(), message.address->name(), count);
  }
  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace serval::tribes
