#include "cluster/ha/session/early_messages.h"

namespace serval::ha {

namespace {
std::size_t size_of(const std::vector<tribes::Received>& messages) {
  std::size_t bytes = 0;
  for (const auto& message : messages) bytes += message.content->size();
  return bytes;
}
}  // namespace

void EarlyMessages::keep(std::string_view session_id, const tribes::Received& message) {
  const std::lock_guard lock(mutex_);
  drop_old_locked();
  if (bytes_ + message.content->size() > kMaxBytes) return;
  auto& waiting = waiting_[std::string(session_id)];
  if (waiting.messages.empty()) waiting.since = clock_.now();
  waiting.messages.push_back(message);
  bytes_ += message.content->size();
}

std::vector<tribes::Received> EarlyMessages::take(std::string_view session_id) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return {};
  const auto it = waiting_.find(std::string(session_id));
  if (it == waiting_.end()) return {};
  auto messages = std::move(it->second.messages);
  bytes_ -= size_of(messages);
  waiting_.erase(it);
  return messages;
}

void EarlyMessages::drop_old() {
  const std::lock_guard lock(mutex_);
  drop_old_locked();
}

void EarlyMessages::drop_old_locked() {
  const auto now = clock_.now();
  if (now < next_look_) return;
  next_look_ = now + std::chrono::seconds(1);
  std::erase_if(waiting_, [&](const auto& entry) {
    if (now - entry.second.since <= kMaxAge) return false;
    bytes_ -= size_of(entry.second.messages);
    return true;
  });
}

std::size_t EarlyMessages::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [id, waiting] : waiting_) count += waiting.messages.size();
  return count;
}

}  // namespace serval::ha
