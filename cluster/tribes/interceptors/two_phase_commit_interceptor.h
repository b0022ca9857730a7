#pragma once
#include <chrono>
#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>

#include "cluster/tribes/interceptor.h"
#include "cluster/tribes/interceptors/drop_count.h"
#include "container/base/attribute.h"

namespace serval::tribes {

/// Hands a message up when its sender has confirmed that all receivers have it: a message goes out,
/// and when it has reached every member, a confirmation with its id. All nodes need it.
///
/// A message goes up once, even if both come again because an ACK was lost (Tomcat hands it up
/// twice); the last 4096 are remembered for that.
///
/// Only with synchronous options (6) does "reached" mean anything, and a real Tomcat receiver
/// handles them in the right order only then. Copies: none. Blocks: no. Units: expire in ms,
/// maxWaitingSize in bytes. Errors: what is not confirmed within `expire`, or would make more than
/// maxWaitingSize bytes wait (Serval's own attribute), is dropped with a warning. Source: Tomcat
/// org.apache.catalina.tribes.group.interceptors.TwoPhaseCommitInterceptor; tribes-wire 10.13.
class TwoPhaseCommitInterceptor final : public Interceptor {
 public:
  struct Options {
    std::chrono::milliseconds expire{60000};
    bool deepclone = true;  // content is never changed in place, so there is nothing to copy
    std::int64_t max_waiting_size = 128 * 1024 * 1024;
    tribes::Options option_flag = 0;
  };
  static std::span<const Attribute<Options>> attributes();

  explicit TwoPhaseCommitInterceptor(const Options& options);

  Result<> send(const Members& to, ChannelMessage message, Below below) override;
  Result<> receive(ChannelMessage message, Above above) override;
  void member_disappeared(const MemberPtr& member, Above above) override;
  void heartbeat(Below below) override;
  void stop(int levels) override;
  std::string_view simple_name() const override { return "TwoPhaseCommitInterceptor"; }
  const Options& options() const { return options_; }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.group.interceptors.TwoPhaseCommitInterceptor");
  }

  /// Bytes of messages that wait for their confirmation.
  std::size_t waiting_bytes() const;

 private:
  struct Key {
    UniqueId sender, message;
    auto operator<=>(const Key&) const = default;
  };
  struct Waiting {
    ChannelMessage message;
    Clock::Time since;
  };
  using Messages = std::map<Key, Waiting>;
  static std::size_t cost(const ChannelMessage& message);
  void park(ChannelMessage message);
  std::optional<ChannelMessage> take(const Key& key);
  bool is_delivered(const Key& key) const;
  template <class Unwanted>
  void drop_if(Unwanted unwanted);

  const Options options_;
  DropCount dropped_;
  mutable std::mutex mutex_;
  Messages messages_;      // guarded by mutex_
  std::size_t bytes_ = 0;  // guarded by mutex_
  std::set<Key> delivered_;          // guarded by mutex_, as is their order: the last ones
  std::deque<Key> delivered_order_;
};

}  // namespace serval::tribes
