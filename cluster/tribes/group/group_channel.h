#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <string>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/group/channel_coordinator.h"
#include "cluster/tribes/group/event_thread.h"
#include "cluster/tribes/group/interceptor_stack.h"
#include "cluster/tribes/group/listener_list.h"
#include "cluster/tribes/group/peer_profiles.h"
#include "container/base/attribute.h"

namespace serval::tribes {

/// The channel: listeners on top, interceptors, then receiver, sender and membership.
///
/// Threads: messages come on the shards of the channel's executor ("tribes-io"), membership events
/// and heartbeats on its event thread ("tribes-event"). A listener must not wait for another
/// message of the same member.
/// Source: Tomcat org.apache.catalina.tribes.group.GroupChannel; tribes-wire 9.
class GroupChannel final : public Channel, private InterceptorStack::Top, private ChannelServices {
 public:
  struct Options {
    bool heartbeat = true;
    std::chrono::milliseconds heartbeat_sleeptime{5000};
    bool option_check = false;
    std::string name = "Channel";
    bool jmx_enabled = true;
    std::string jmx_domain = "ClusterChannel", jmx_prefix = {};
    PeerVersion peer_version{};  // Serval's own
  };
  static std::span<const Attribute<Options>> attributes();

  GroupChannel(Options options, ChannelCoordinator::Parts parts);
  ~GroupChannel() override;
  /// Below those that are there already. Requires: not started. A channel that has none when it
  /// starts gets MessageDispatchInterceptor.
  void add_interceptor(std::unique_ptr<Interceptor> interceptor);
  /// The first one of this simple name, for its figures or its listener; null if there is none.
  Interceptor* interceptor(std::string_view simple_name) const { return stack_.find(simple_name); }

  Result<> start(int levels) override;
  void stop(int levels) override;
  using Channel::send;
  Result<UniqueId> send(const Members& to, std::shared_ptr<const Bytes> content,
                        tribes::Options options, std::uint64_t order_key, SendDone done,
                        SendEnded ended) override;
  std::size_t flush(std::chrono::milliseconds limit) override;
  Members members() const override;
  bool has_members() const override;
  MemberPtr local_member() const override { return stack_.local_member(); }
  MemberPtr member(const Member& like) const override;
  void add_channel_listener(ChannelListener* listener) override;
  void remove_channel_listener(ChannelListener* listener) override;
  void add_membership_listener(MembershipListener* listener) override;
  void remove_membership_listener(MembershipListener* listener) override;
  void heartbeat() override;
  const std::string& name() const override { return name_; }
  void set_name(std::string name) override { name_ = std::move(name); }
  void set_unclaimed(Unclaimed handler) override { unclaimed_ = std::move(handler); }
  void keep_member_in(const std::filesystem::path& file) override {
    coordinator_.parts().membership->keep_member_in(file);
  }
  const Options& options() const { return options_; }
  static void add_figures(BeanTable<GroupChannel>& table);
  std::vector<PartBean> beans() override;
  PeerProfile profile(const Member& member) const override { return profiles_.of(member); }
  void learn_member_impl_uid(const Member& member, std::int64_t uid) override;

 private:
  // InterceptorStack::Top
  Result<> receive(ChannelMessage message) override;
  void member_added(const MemberPtr& member) override;
  void member_disappeared(const MemberPtr& member) override;
  // ChannelServices
  void run_later(std::function<void()> work) override { events_.post(std::move(work)); }
  void repeat(std::chrono::milliseconds interval, std::function<void()> work) override {
    events_.repeat(interval, std::move(work));
  }
  const Clock& clock() const override { return system_clock(); }
  void provoke_answer(const MemberPtr& member) override;

  ChannelCoordinator::Upwards upwards();
  Result<> check_stack() const;
  Result<UniqueId> pass_down(const Members& to, std::shared_ptr<const Bytes> content,
                             tribes::Options options, std::uint64_t order_key, SendDone done,
                             SendEnded ended);
  Result<> start_parts(int levels);
  void beat();
  void answer_unclaimed_rpc(const Received& message);

  const Options options_;
  std::string name_;
  std::atomic<int> levels_{0};
  PeerProfiles profiles_;
  Unclaimed unclaimed_;
  ListenerList<ChannelListener> channel_listeners_;
  ListenerList<MembershipListener> membership_listeners_;
  ChannelCoordinator coordinator_;
  mutable InterceptorStack stack_;
  EventThread events_;
};

}  // namespace serval::tribes
