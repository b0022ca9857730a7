// cluster/tools/send_tally.h
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "cluster/tribes/message.h"

namespace serval::tools {

/// How the messages of a `send` ended.
///
/// Threads: any.
class SendTally {
 public:
  /// `max_latencies`: how many are kept: every one at first, then every second, fourth ...
  explicit SendTally(std::size_t max_latencies = 1 << 20) : max_latencies_(max_latencies) {}
  struct Fault {
    std::uint64_t messages = 0;
    std::string cause;  // the first one
  };
  struct Figures {
    std::uint64_t sent = 0, sent_bytes = 0;  // handed to the channel
    std::uint64_t ended = 0;                 // messages of which the end is known
    std::uint64_t addressed = 0;             // members of these messages, counted for each
    std::uint64_t refused = 0;               // ... that did not take one
    std::uint64_t taken() const { return addressed - refused; }
    std::map<std::string, Fault> faults;  // by the member's address
  };

  void note_sent(std::size_t size);
  /// A message that went to `members` of them.
  void note_end(const tribes::SendReport& report, std::size_t members,
                std::chrono::microseconds took);
  /// Members that did not take a message which had ended for its sender before.
  void note_late(const tribes::SendReport& report);
  /// It was not even sent.
  void note_refusal(const std::string& cause);

  Figures figures() const;
  /// How long each message took, as far as kept; sorted.
  std::vector<std::uint32_t> microseconds() const;
  std::uint64_t ended() const;

 private:
  void note_faults(const tribes::SendReport& report);  // mutex_ is held
  const std::size_t max_latencies_;
  mutable std::mutex mutex_;
  Figures figures_;
  std::vector<std::uint32_t> microseconds_;  // not sorted
  std::uint64_t stride_ = 1;
};

/// "min 0.41 ms  median 1.10 ms  p99 9.80 ms  max 31 ms", or nothing. Requires: sorted.
std::string latency_text(const std::vector<std::uint32_t>& microseconds);

}  // namespace serval::tools
