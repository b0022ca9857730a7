#include "cluster/tribes/transport/lane_queue.h"

#include <fmt/format.h>

#include <algorithm>

namespace serval::tribes {
namespace {

/// Many deadlines may lie close together; they are looked at together.
constexpr std::chrono::milliseconds kSmallestWait{10};

std::string timeout_cause(std::chrono::milliseconds timeout, const char* what) {
  return fmt::format("Operation has timed out ({} ms): {}", timeout.count(), what);
}

}  // namespace

bool LaneQueue::push(Delivery&& delivery, Time now) {
  const std::size_t size = delivery.frame->size();
  // One message that is larger than the limit still goes.
  if (!waiting_.empty() && bytes_ + size > policy_.max_bytes) return false;
  if (waiting_.empty()) last_progress_ = now;
  const Time deadline = delivery.asynchronous ? kNever : now + policy_.timeout;
  bytes_ += size;
  waiting_.push_back({std::move(delivery), deadline});
  return true;
}

LaneQueue::Batch LaneQueue::next_batch(std::size_t max) {
  Batch batch;
  batch.offset = front_written_;
  batch_size_ = batch_acks_ = 0;
  if (!wants_to_write()) return batch;
  batch.frames.reserve(std::min(max, waiting_.size()));
  for (const Entry& entry : waiting_) {
    if (batch.frames.size() == max) break;
    batch.frames.push_back(entry.delivery.frame);
    if (!entry.delivery.wants_ack) {
      batch.has_unacknowledged = true;
      continue;
    }
    ++batch_acks_;
    if (!policy_.pipelined) break;
  }
  batch_size_ = batch.frames.size();
  return batch;
}

bool LaneQueue::written(std::size_t bytes, Time now, Ended& ended) {
  if (bytes > 0) last_progress_ = now;
  front_written_ += bytes;
  while (!waiting_.empty() && front_written_ >= waiting_.front().delivery.frame->size()) {
    Entry& front = waiting_.front();
    front_written_ -= front.delivery.frame->size();
    forget_bytes(front);
    if (front.delivery.wants_ack) {
      if (front.deadline == kNever) front.deadline = now + policy_.timeout;
      if (front.abandoned) front.delivery.frame.reset();
      unacked_.push_back(std::move(front));
    } else if (!front.abandoned) {
      ended.push_back(Outcome{.delivery = std::move(front.delivery)});
    }
    waiting_.pop_front();
  }
  batch_size_ = batch_acks_ = 0;
  bool keep = true;
  for (const Ack ack : std::exchange(early_acks_, {})) {
    if (!unacked_.empty()) keep = acked(ack, now, ended) && keep;
  }
  return keep;
}

bool LaneQueue::acked(Ack ack, Time now, Ended& ended) {
  if (unacked_.empty()) {
    // An answer nobody asked for means nothing; one that overtakes the writer is kept for it.
    if (early_acks_.size() < batch_acks_) early_acks_.push_back(ack);
    return true;
  }
  last_progress_ = now;
  Entry entry = std::move(unacked_.front());
  unacked_.pop_front();
  if (entry.abandoned) return true;
  if (ack == Ack::kOk || !policy_.fail_on_failed_ack) {
    ended.push_back(Outcome{.delivery = std::move(entry.delivery)});
    return true;
  }
  if (policy_.pipelined || entry.attempts >= policy_.max_retries) {
    fail(entry,
         "Received a failed ack:org.apache.catalina.tribes.transport.Constants.FAIL_ACK_DATA", true,
         ended);
    return true;
  }
  ++entry.attempts;
  bytes_ += entry.delivery.frame->size();
  waiting_.push_front(std::move(entry));
  return false;
}

void LaneQueue::connection_lost(const std::string& cause, bool while_connecting, Ended& ended) {
  std::deque<Entry> all = std::exchange(unacked_, {});
  const std::size_t begun =
      all.size() + std::max<std::size_t>(batch_size_, front_written_ > 0 ? 1 : 0);
  for (const Entry& entry : all) {
    if (!entry.abandoned) bytes_ += entry.delivery.frame->size();
  }
  std::move(waiting_.begin(), waiting_.end(), std::back_inserter(all));
  waiting_.clear();
  front_written_ = batch_size_ = batch_acks_ = 0;
  early_acks_.clear();
  for (std::size_t i = 0; i < all.size(); ++i) {
    Entry& entry = all[i];
    if (entry.abandoned) {
      if (entry.delivery.frame) forget_bytes(entry);
    } else if ((while_connecting || i < begun) && ++entry.attempts > policy_.max_retries) {
      forget_bytes(entry);
      fail(entry, cause, false, ended);
    } else {
      waiting_.push_back(std::move(entry));
    }
  }
}

LaneQueue::Tick LaneQueue::tick(Time now, bool connected, Ended& ended) {
  Tick result;
  tick_unacked(now, result, ended);
  tick_waiting(now, connected, result, ended);
  if (idle()) return result;
  const bool may_stick = connected ? wants_to_write() : !waiting_.empty();
  Time next = may_stick ? last_progress_ + policy_.timeout : kNever;
  for (const auto* queue : {&unacked_, &waiting_}) {
    for (const Entry& entry : *queue) {
      next = std::min(next, entry.abandoned ? entry.deadline + policy_.timeout : entry.deadline);
    }
  }
  result.next = std::max(next, now + kSmallestWait);
  return result;
}

void LaneQueue::tick_unacked(Time now, Tick& result, Ended& ended) {
  for (Entry& entry : unacked_) {
    if (entry.abandoned) {
      if (entry.deadline + policy_.timeout <= now) result.reset_connection = true;
    } else if (entry.deadline <= now) {
      fail(entry, timeout_cause(policy_.timeout, "no acknowledgement"), false, ended);
      entry.abandoned = true;
      entry.delivery.frame.reset();
      if (!policy_.pipelined) result.reset_connection = true;
    }
  }
}

void LaneQueue::tick_waiting(Time now, bool connected, Tick& result, Ended& ended) {
  const bool stuck = connected && wants_to_write() && last_progress_ + policy_.timeout <= now;
  if (stuck) result.reset_connection = true;
  const std::string cause = timeout_cause(policy_.timeout, "the member does not take bytes");
  std::deque<Entry> kept;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    Entry& entry = waiting_[i];
    const bool begun = i < batch_size_ || (i == 0 && front_written_ > 0);
    if (entry.abandoned || (!stuck && entry.deadline > now)) {
      kept.push_back(std::move(entry));
    } else if (begun && !stuck) {
      fail(entry, cause, false, ended);
      entry.abandoned = true;
      kept.push_back(std::move(entry));
    } else {
      forget_bytes(entry);
      fail(entry, cause, false, ended);
    }
  }
  waiting_ = std::move(kept);
}

void LaneQueue::fail_all(const std::string& cause, Ended& ended) {
  for (auto* queue : {&unacked_, &waiting_}) {
    for (Entry& entry : *queue) {
      if (!entry.abandoned) fail(entry, cause, false, ended);
    }
    queue->clear();
  }
  early_acks_.clear();
  front_written_ = batch_size_ = batch_acks_ = bytes_ = 0;
}

void LaneQueue::fail(Entry& entry, const std::string& cause, bool remote_process, Ended& ended) {
  ended.push_back({entry.delivery, false, cause, remote_process});
}

}  // namespace serval::tribes
