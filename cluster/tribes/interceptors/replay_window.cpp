#include "cluster/tribes/interceptors/replay_window.h"

#include <algorithm>

namespace serval::tribes {

bool ReplayWindow::accept(std::int64_t timestamp, std::span<const std::uint8_t> iv,
                          std::int64_t now_ms) {
  if (timestamp < now_ms - time_ms_ || timestamp > now_ms + time_ms_) return false;
  if (timestamp <= last_removed_) return false;
  const std::string key(iv.begin(), iv.end());
  if (!known_.insert(key).second) return false;
  by_time_.emplace(timestamp, key);
  while (known_.size() > messages_) {
    const auto oldest = by_time_.begin();
    last_removed_ = std::max(last_removed_, oldest->first);
    known_.erase(oldest->second);
    by_time_.erase(oldest);
  }
  return true;
}

}  // namespace serval::tribes
