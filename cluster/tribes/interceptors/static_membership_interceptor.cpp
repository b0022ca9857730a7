#include "cluster/tribes/interceptors/static_membership_interceptor.h"

#include <algorithm>
#include <array>
#include <future>

#include "cluster/tribes/absolute_order.h"
#include "cluster/tribes/channel.h"
#include "cluster/tribes/fields.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.group.interceptors.StaticMembershipInterceptor"};
constexpr std::string_view kStarted = "Local StaticMember Notification Data";
constexpr std::string_view kStopped = "Local StaticMember Shutdown Data";
/// What stop() gives the goodbye.
constexpr std::chrono::seconds kGoodbye{1};

MemberPtr find(const Members& members, const Member& like) {
  const auto at = std::ranges::find_if(members, [&](const auto& m) { return *m == like; });
  return at == members.end() ? nullptr : *at;
}

}  // namespace

std::span<const Attribute<StaticMembershipInterceptor::Options>>
StaticMembershipInterceptor::attributes() {
  static const std::array table{
      attribute("optionFlag", &Options::option_flag, "options of its own messages"),
  };
  return table;
}

StaticMembershipInterceptor::StaticMembershipInterceptor(const Options& options)
    : Interceptor(options.option_flag), options_(options) {}

Result<> StaticMembershipInterceptor::check_place(const Neighbours& neighbours) {
  if (std::ranges::count(neighbours.above, "TcpFailureDetector") == 0) {
    kLog.warn(
        "There is no TcpFailureDetector. Automatic detection of static members does not work "
        "properly. By defining the StaticMembershipInterceptor under the TcpFailureDetector, "
        "automatic detection of the static members will work.");
  }
  if (std::ranges::count(neighbours.above, "TcpPingInterceptor") == 0) {
    kLog.warn(
        "There is no TcpPingInterceptor. The health check of static members does not work "
        "properly. By defining the TcpPingInterceptor, the health check of static members will "
        "work.");
  }
  const bool has_coordinator = std::ranges::count(neighbours.above, "NonBlockingCoordinator") +
                                   std::ranges::count(neighbours.below, "NonBlockingCoordinator") >
                               0;
  if (has_coordinator && options_.local) {
    return Error{Errc::kInvalidArgument,
                 "StaticMembershipInterceptor with a LocalMember cannot be in a channel with "
                 "NonBlockingCoordinator, which starts the channel's Membership whatever "
                 "channelStartOptions says: this node would be announced twice. Remove one of the "
                 "two, or the LocalMember"};
  }
  return {};
}

Result<> StaticMembershipInterceptor::start(int levels) {
  constexpr int kMembership = level::kMembershipReceive | level::kMembershipSend;
  if (!options_.local || (levels & kMembership) == 0) return {};
  return Error{Errc::kInvalidArgument,
               "StaticMembershipInterceptor with a LocalMember and the channel's Membership would "
               "announce this node twice: set channelStartOptions=\"3\" at the Cluster"};
}

void StaticMembershipInterceptor::started(int levels) {
  if ((levels & level::kSender) == 0) return;
  for (const MemberPtr& member : others()) {
    services().run_later([this, member] { announce(member); });
  }
}

void StaticMembershipInterceptor::announce(const MemberPtr& member) {
  above().member_added(member);
  if (!find(services().members(), *member)) return;
  const auto told = tell({member}, kStarted, [](const SendReport& report) {
    for (const FaultyMember& faulty : report.faulty) {
      kLog.warn("Local member notification failed. [{}]: {}", faulty.member->name(), faulty.cause);
    }
  });
  if (!told) kLog.warn("Local member notification failed. {}", told.error().message);
}

void StaticMembershipInterceptor::stopping(int levels) {
  if ((levels & level::kSender) == 0) return;
  const Members members = services().members();
  if (members.empty()) return;
  const auto done = std::make_shared<std::promise<SendReport>>();
  auto end = done->get_future();
  const auto told =
      tell(members, kStopped, [done](const SendReport& report) { done->set_value(report); });
  const bool ended = told && end.wait_for(kGoodbye) == std::future_status::ready;
  if (!ended || !end.get().ok()) kLog.warn("Shutdown notification failed.");
}

Result<> StaticMembershipInterceptor::tell(const Members& to, std::string_view text,
                                           SendDone done) {
  ChannelMessage message;
  message.options = option_flag();
  message.timestamp = services().clock().wall_ms();
  message.id = random_id();
  message.address = local_member(below());
  message.content = std::make_shared<const Bytes>(text.begin(), text.end());
  message.done = std::move(done);
  return below().send(to, std::move(message));
}

Result<> StaticMembershipInterceptor::receive(ChannelMessage message, Above above) {
  const bool started = same_bytes(*message.content, kStarted);
  if (!started && !same_bytes(*message.content, kStopped)) return above.receive(std::move(message));
  const MemberPtr member = find(members(below()), *message.address);
  if (!member) return {};
  services().run_later([member, started, above] {
    if (started) return above.member_added(member);
    auto leaving = std::make_shared<Member>(*member);
    leaving->set_shutdown();
    above.member_disappeared(leaving);
  });
  return {};
}

Members StaticMembershipInterceptor::others() const {
  Members others = options_.members;
  const MemberPtr self = local_member(below());
  std::erase_if(others,
                [&](const MemberPtr& member) { return self && same_place(*member, *self); });
  return others;
}

Members StaticMembershipInterceptor::members(Below below) const {
  if (options_.members.empty()) return below.members();
  Members all = others();
  for (MemberPtr& member : below.members()) {
    if (!find(all, *member)) all.push_back(std::move(member));
  }
  std::ranges::sort(all, [](const auto& a, const auto& b) { return in_absolute_order(*a, *b); });
  return all;
}

MemberPtr StaticMembershipInterceptor::local_member(Below below) const {
  MemberPtr under = below.local_member();
  if (!options_.local || !under) return under;
  const std::lock_guard lock(mutex_);
  if (under != below_local_) {
    auto local = std::make_shared<Member>(*under);
    local->id = options_.local->id;
    local->domain = options_.local->domain;
    local->local = true;
    below_local_ = std::move(under);
    local_ = std::move(local);
  }
  return local_;
}

}  // namespace serval::tribes
