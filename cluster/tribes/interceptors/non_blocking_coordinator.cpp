#include "cluster/tribes/interceptors/non_blocking_coordinator.h"

#include <algorithm>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/transport/member_probe.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.group.interceptors.NonBlockingCoordinator"};

/// All messages of elections to a member keep their order.
constexpr std::uint64_t kOrderKey = 0x636f6f7264696e61;

bool is_sorted_by(const Members& members, MemberOrder order) {
  return std::ranges::is_sorted(members, [order](const MemberPtr& a, const MemberPtr& b) {
    return in_absolute_order(*a, *b, order);
  });
}

}  // namespace

NonBlockingCoordinator::NonBlockingCoordinator(const Options& options)
    : NonBlockingCoordinator(options, nullptr) {}
NonBlockingCoordinator::NonBlockingCoordinator(const Options& options, Prober prober)
    : Interceptor(options.option_flag),
      options_(options),
      prober_(prober ? std::move(prober) : [this](const Members& members) {
        ProbeOptions only_connect;
        only_connect.send_test = false;
        return probe_members(members, local_member(), only_connect);
      }) {}

Result<> NonBlockingCoordinator::check_place(const Neighbours& neighbours) {
  if (std::ranges::count(neighbours.above, simple_name()) == 0) return {};
  return Error{Errc::kInvalidArgument,
               "NonBlockingCoordinator stands twice in the channel: the lower one would take the "
               "messages of the upper one for its own. Remove one of them"};
}

int NonBlockingCoordinator::levels(int) const { return level::kAll; }

Election& NonBlockingCoordinator::election() {
  ElectionOutside& outside = *this;
  if (!election_) election_.emplace(services().clock(), outside, options_.member_order);
  return *election_;
}

Result<> NonBlockingCoordinator::start(int) {
  {
    const std::lock_guard lock(mutex_);
    running_ = true;
  }
  services().run_later([this] {
    election().reset();
    publish();
    happened(CoordinationEvent::Type::kStart, "Before start");
  });
  return {};
}

void NonBlockingCoordinator::started(int) {
  services().run_later([this] {
    election().start();
    publish();
  });
}

void NonBlockingCoordinator::stop(int) {
  const std::lock_guard lock(mutex_);
  running_ = false;
  state_ = {};
}

Result<> NonBlockingCoordinator::receive(ChannelMessage message, Above above) {
  if (is_coordinator_alive(*message.content)) {
    const auto view_id = decode_coordinator_alive(*message.content);
    if (!view_id) return {};  // Tomcat's form: nothing more to learn
    services().run_later([this, from = message.address, id = *view_id] {
      election().heard_view_id(*from, id);
      publish();
    });
    return {};
  }
  if (is_coordination_message(*message.content)) return receive_election(message);
  return above.receive(std::move(message));
}

Result<> NonBlockingCoordinator::receive_election(const ChannelMessage& message) {
  auto decoded = decode_coordination_message(*message.content);
  if (!decoded) {
    kLog.warn("Error processing coordination message of [{}]. {}", message.address->name(),
              decoded.error().message);
    return {};
  }
  services().run_later([this, coordination = *std::move(decoded)]() mutable {
    check_order(coordination);
    election().received(std::move(coordination));
    publish();
  });
  return {};
}

/// Members of the two generations of Tomcat would never agree on who stands first.
void NonBlockingCoordinator::check_order(const CoordinationMessage& message) {
  const bool is_signed = options_.member_order == MemberOrder::kSigned;
  const MemberOrder other = is_signed ? MemberOrder::kUnsigned : MemberOrder::kSigned;
  if (order_warned_ || is_sorted_by(message.members, options_.member_order) ||
      !is_sorted_by(message.members, other)) {
    return;
  }
  order_warned_ = true;
  kLog.warn(
      "The members of an election come in another order than this node's: other nodes compare "
      "addresses in another way. Set memberOrder=\"{}\" at NonBlockingCoordinator",
      is_signed ? "unsigned" : "signed");
}

void NonBlockingCoordinator::member_added(const MemberPtr& member, Above) {
  election().member_added(member);
  publish();
}

void NonBlockingCoordinator::member_disappeared(const MemberPtr& member, Above) {
  election().member_disappeared(member);
  publish();
}

void NonBlockingCoordinator::heartbeat(Below below) {
  below.heartbeat();
  election().heartbeat(below.members());
  publish();
}

ChannelMessage NonBlockingCoordinator::message_of(Bytes content) const {
  ChannelMessage message;
  message.options = option::kUseAck;
  message.timestamp = services().clock().wall_ms();
  message.id = random_id();
  message.address = local_member();
  message.content = std::make_shared<const Bytes>(std::move(content));
  message.order_key = kOrderKey;
  return message;
}

void NonBlockingCoordinator::send(const Members& to, const CoordinationMessage& message,
                                  std::uint64_t ticket) {
  const auto end = [this, ticket](Members faulty) {
    services().run_later([this, ticket, faulty = std::move(faulty)] {
      election().sent(ticket, faulty);
      publish();
    });
  };
  ChannelMessage wrapped = message_of(encode_coordination_message(message));
  wrapped.done = [end](const SendReport& report) {
    Members faulty;
    for (const FaultyMember& one : report.faulty) faulty.push_back(one.member);
    end(std::move(faulty));
  };
  if (!below().send(to, std::move(wrapped))) end(to);
}

void NonBlockingCoordinator::send_view_id(const Members& to, const UniqueId& view_id) {
  const auto sent = below().send(to, message_of(encode_coordinator_alive(view_id)));
  if (!sent) kLog.debug("Unable to tell the id of the view: {}", sent.error().message);
}

void NonBlockingCoordinator::member_added(const MemberPtr& member) {
  publish();
  above().member_added(member);
}

void NonBlockingCoordinator::member_disappeared(const MemberPtr& member) {
  publish();
  above().member_disappeared(member);
}

void NonBlockingCoordinator::happened(CoordinationEvent::Type type, std::string info) {
  publish();
  const bool is_news = type == CoordinationEvent::Type::kConfirmed;
  if (!listener_ && !is_news && !kLog.enabled(Level::kFine)) return;
  CoordinationEvent event{type,
                          std::move(info),
                          local_member(),
                          election().coordinator(),
                          election().view(),
                          election().suggested_view(),
                          election().members(),
                          election().view_id()};
  if (is_news) {
    kLog.info("{}", event.text());
  } else {
    kLog.debug("{}", event.type_text());
  }
  if (listener_) listener_(event);
}

void NonBlockingCoordinator::publish() {
  State now{election().members(), election().view(), election().view_id(), election().is_quiet()};
  const std::lock_guard lock(mutex_);
  if (running_) state_ = std::move(now);
}

Members NonBlockingCoordinator::members(Below) const {
  const std::lock_guard lock(mutex_);
  return state_.members;
}

Members NonBlockingCoordinator::view() const {
  const std::lock_guard lock(mutex_);
  return state_.view;
}

std::optional<UniqueId> NonBlockingCoordinator::view_id() const {
  const std::lock_guard lock(mutex_);
  return state_.view_id;
}

MemberPtr NonBlockingCoordinator::coordinator() const {
  const std::lock_guard lock(mutex_);
  return state_.view.empty() ? nullptr : state_.view.front();
}

bool NonBlockingCoordinator::is_coordinator() const {
  const MemberPtr first = coordinator(), local = local_member();
  return first && local && *first == *local;
}

bool NonBlockingCoordinator::is_quiet() const {
  const std::lock_guard lock(mutex_);
  return state_.quiet;
}

}  // namespace serval::tribes
