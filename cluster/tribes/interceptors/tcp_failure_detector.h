#pragma once
#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "cluster/tribes/interceptor.h"
#include "container/base/attribute.h"
#include "container/base/live_options.h"

namespace serval::tribes {

/// Checks by TCP what the membership below reports: a member is gone only if it cannot be reached,
/// and one that a message did not reach is checked at once.
///
/// Below: everything that changes bytes stands above it, because probes pass no interceptor.
/// Copies: none. Blocks: the event thread, up to connectTimeout for each event.
/// Units: connectTimeout and readTestTimeout in ms, removeSuspectsTimeout in s.
/// Source: Tomcat org.apache.catalina.tribes.group.interceptors.TcpFailureDetector; tribes-wire
/// 10.1. A member that comes back with a new id retires its old one at once (Tomcat keeps both).
class TcpFailureDetector final : public Interceptor {
 public:
  struct Options {
    std::chrono::milliseconds connect_timeout{1000};
    bool perform_send_test = true;
    bool perform_read_test = false;
    std::chrono::milliseconds read_test_timeout{5000};
    std::chrono::seconds remove_suspects_timeout{300};
    tribes::Options option_flag = 0;
  };
  static std::span<const Attribute<Options>> attributes();
  static constexpr auto kSettable =
      std::to_array<std::string_view>({"connectTimeout", "performSendTest", "performReadTest",
                                       "readTestTimeout", "removeSuspectsTimeout"});
  /// Which of the members are alive.
  using Prober = std::function<std::vector<bool>(const Members&)>;

  TcpFailureDetector();
  explicit TcpFailureDetector(const Options& options);
  /// With another way to probe, for tests.
  TcpFailureDetector(const Options& options, Prober prober);

  Result<> receive(ChannelMessage message, Above above) override;
  void member_added(const MemberPtr& member, Above above) override;
  void member_disappeared(const MemberPtr& member, Above above) override;
  void send_failed(const FaultyMember& faulty, Above above) override;
  void heartbeat(Below below) override;
  Members members(Below below) const override;
  /// Probes all members below: who answers is reported as added, who does not as gone.
  void check_members(Below below) override;
  void stop(int levels) override;
  std::string_view simple_name() const override { return "TcpFailureDetector"; }
  const Options& options() const { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  static void add_figures(BeanTable<TcpFailureDetector>& table);
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.group.interceptors.TcpFailureDetector");
  }

 private:
  struct Known {
    MemberPtr member;
    Clock::Time since;  // when the member's service began, by its own account
  };
  struct Suspect {
    MemberPtr member;
    Clock::Time since;
  };
  bool is_alive(const MemberPtr& member) const;
  bool knows(const Member& member) const;
  /// A member that started later is known at the same place: this one is its old self, told of
  /// late.
  bool is_outdated(const Member& member) const;
  Clock::Time start_of(const Member& member) const;
  void add(const MemberPtr& member, Above above);
  void remove(const Member& member, Above above);
  void verify(const MemberPtr& member, Above above);
  void add_missed(Below below);
  void check_suspects();

  LiveOptions<Options> options_;
  const Prober prober_;
  mutable std::mutex mutex_;
  std::vector<Known> known_;       // guarded by mutex_; longest alive first
  std::deque<Known> gone_;         // guarded by mutex_; those that were removed last
  Members being_verified_;         // guarded by mutex_; posted and not begun yet
  std::vector<Suspect> suspects_;  // the event thread's
};

}  // namespace serval::tribes
