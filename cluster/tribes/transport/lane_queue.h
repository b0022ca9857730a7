#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/tribes/transport/delivery.h"
#include "container/base/clock.h"

namespace serval::tribes {

/// The messages of one connection to one member, in order: what is to be written, what waits for
/// its ACK, what has to be repeated and what took too long. No socket, no clock, no thread.
///
/// Every call adds the deliveries that have ended to `ended`; the caller reports them once it holds
/// no lock.
///
/// Threads: not thread-safe; guarded by its Lane.
/// Source: Tomcat org.apache.catalina.tribes.transport.nio.ParallelNioSender; tribes-wire 8.
class LaneQueue {
 public:
  using Time = Clock::Time;
  using Ended = std::vector<Outcome>;

  struct Policy {
    /// True: ACKs are matched by position, so frames follow each other without waiting. False: a
    /// frame that wants an ACK owns the connection until it has come (Tomcat peers).
    bool pipelined = false;
    int max_retries = 1;
    bool fail_on_failed_ack = true;
    std::chrono::milliseconds timeout{3000};
    /// Twice MessageDispatchInterceptor's default: whoever waits because that queue is full has a
    /// place here.
    std::size_t max_bytes = 128 * 1024 * 1024;
  };
  explicit LaneQueue(const Policy& policy) : policy_(policy) {}

  /// False if the queue is full; the delivery is then untouched.
  bool push(Delivery&& delivery, Time now);

  /// The frames that may be written now, in order, at most `max`; `offset` is how much of the first
  /// one is written already.
  struct Batch {
    std::vector<std::shared_ptr<const Frame>> frames;
    std::size_t offset = 0;
    bool has_unacknowledged = false;  // one of them ends with being written
  };
  Batch next_batch(std::size_t max);
  /// So many bytes of the last batch went out. Ends the batch.
  /// Returns false if the connection must be closed and made anew, as acked() does.
  bool written(std::size_t bytes, Time now, Ended& ended);

  /// The next answer of the member came. False: close the connection, then connection_lost().
  bool acked(Ack ack, Time now, Ended& ended);
  /// The connection is gone (or was not made). What was under way is repeated or ends.
  void connection_lost(const std::string& cause, bool while_connecting, Ended& ended);
  /// Ends what took too long.
  struct Tick {
    std::optional<Time> next;  // when to look again; nothing if nothing is pending
    bool reset_connection = false;
  };
  Tick tick(Time now, bool connected, Ended& ended);
  void fail_all(const std::string& cause, Ended& ended);

  bool wants_to_write() const {
    return !waiting_.empty() && (policy_.pipelined || unacked_.empty());
  }
  bool has_waiting() const { return !waiting_.empty(); }
  bool idle() const { return waiting_.empty() && unacked_.empty(); }
  void made_progress(Time now) { last_progress_ = now; }

 private:
  static constexpr Time kNever = Time::max();
  struct Entry {
    Delivery delivery;
    Time deadline = kNever;
    int attempts = 0;
    bool abandoned = false;  // ended already; only its place in the stream is left
  };
  void fail(Entry& entry, const std::string& cause, bool remote_process, Ended& ended);
  void tick_unacked(Time now, Tick& result, Ended& ended);
  void tick_waiting(Time now, bool connected, Tick& result, Ended& ended);
  void forget_bytes(const Entry& entry) { bytes_ -= entry.delivery.frame->size(); }

  const Policy policy_;
  std::deque<Entry> waiting_;    // not completely written; the first may be in part
  std::deque<Entry> unacked_;    // written, in the order in which ACKs come
  std::vector<Ack> early_acks_;  // came before the writer knew that it had written
  std::size_t batch_size_ = 0;   // frames at the front that are being written now
  std::size_t batch_acks_ = 0;   // those of them that want an ACK
  std::size_t front_written_ = 0;
  std::size_t bytes_ = 0;  // of waiting_
  Time last_progress_{};
};

}  // namespace serval::tribes
