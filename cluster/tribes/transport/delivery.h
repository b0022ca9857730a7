#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "cluster/tribes/message.h"
#include "cluster/tribes/transport/frame_codec.h"

namespace serval::tribes {

/// Is told about every member that did not take a message, before the sender's `done`, and about
/// one that closed a connection which it should have kept.
using FaultSink = std::function<void(const FaultyMember&)>;

/// One send to one or more members: counts those that are still open and calls `done` after the
/// last.
///
/// Threads: any.
class SendTracker {
 public:
  SendTracker(std::size_t members, SendDone done, const FaultSink& faults)
      : open_(members), done_(std::move(done)), faults_(faults) {}

  void succeeded() { one_less(); }
  void failed(FaultyMember faulty) {
    if (faults_) faults_(faulty);
    {
      const std::lock_guard lock(mutex_);
      report_.faulty.push_back(std::move(faulty));
    }
    one_less();
  }

 private:
  void one_less() {
    if (open_.fetch_sub(1, std::memory_order_acq_rel) == 1 && done_) done_(report_);
  }
  std::atomic<std::size_t> open_;
  const SendDone done_;
  const FaultSink& faults_;
  std::mutex mutex_;
  SendReport report_;
};

/// Told when a message with this key has ended, so that the next one may take any way.
class KeyHolder {
 public:
  virtual ~KeyHolder() = default;
  virtual void release(std::uint64_t order_key) = 0;
};

/// One message on its way to one member.
struct Delivery {
  std::shared_ptr<const Frame> frame;
  std::shared_ptr<SendTracker> tracker;
  MemberPtr member;
  std::shared_ptr<KeyHolder> holder;  // null where keys have fixed lanes
  std::uint64_t order_key = 0;
  bool wants_ack = false;
  bool asynchronous = false;  // nobody waits: the time limit begins with writing, not with queuing
};

/// A delivery that has come to its end. Run without locks held.
struct Outcome {
  Delivery delivery;
  bool ok = true;
  std::string cause = {};
  bool remote_process = false;

  void report() {
    if (delivery.holder) delivery.holder->release(delivery.order_key);
    if (ok) {
      delivery.tracker->succeeded();
    } else {
      delivery.tracker->failed({delivery.member, std::move(cause), remote_process});
    }
  }
};

}  // namespace serval::tribes
