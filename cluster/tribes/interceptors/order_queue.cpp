#include "cluster/tribes/interceptors/order_queue.h"

namespace serval::tribes {
namespace {

/// After the highest number comes the lowest, as in Java.
std::int32_t after(std::int32_t number) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(number) + 1);
}

}  // namespace

OrderQueue::Ready OrderQueue::add(std::int32_t number, ChannelMessage message, Clock::Time now) {
  Ready ready;
  if (number <= expected_) {
    if (number == expected_) expected_ = after(expected_);
    ready.push_back(std::move(message));
    take_expected(ready);
    return ready;
  }
  const auto at = held_.find(number);
  if (at != held_.end()) {
    if (at->second.message.id == message.id)
      return ready;  // its ACK was lost, so it was sent again
    ready = flush(true);
    expected_ = after(number);
    ready.push_back(std::move(message));
    return ready;
  }
  bytes_ += message.content->size();
  held_.emplace(number, Held{std::move(message), now});
  return ready;
}

ChannelMessage OrderQueue::take(Queue::iterator at) {
  ChannelMessage message = std::move(at->second.message);
  bytes_ -= message.content->size();
  held_.erase(at);
  return message;
}

void OrderQueue::take_expected(Ready& ready) {
  while (!held_.empty() && held_.begin()->first <= expected_) {
    expected_ = after(held_.begin()->first);
    ready.push_back(take(held_.begin()));
  }
}

OrderQueue::Ready OrderQueue::expire(Clock::Time now, std::chrono::milliseconds age, bool forward) {
  const auto is_old = [&](const Held& held) { return now - held.since > age; };
  auto last = held_.end();
  for (auto at = held_.begin(); at != held_.end(); ++at) {
    if (is_old(at->second)) last = at;
  }
  Ready ready;
  if (last == held_.end()) return ready;
  expected_ = after(last->first);
  while (!held_.empty() && held_.begin()->first < expected_) {
    const bool wanted = forward || !is_old(held_.begin()->second);
    ChannelMessage message = take(held_.begin());
    if (wanted) ready.push_back(std::move(message));
  }
  take_expected(ready);
  return ready;
}

OrderQueue::Ready OrderQueue::flush(bool forward) {
  Ready ready;
  while (!held_.empty()) {
    expected_ = after(held_.begin()->first);
    ChannelMessage message = take(held_.begin());
    if (forward) ready.push_back(std::move(message));
  }
  return ready;
}

}  // namespace serval::tribes
