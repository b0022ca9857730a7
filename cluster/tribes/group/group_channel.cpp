#include "cluster/tribes/group/group_channel.h"

#include <fmt/format.h>

#include <array>
#include <exception>
#include <thread>

#include "cluster/tribes/fields.h"
#include "cluster/tribes/group/message_trace.h"
#include "cluster/tribes/group/rpc_message.h"
#include "cluster/tribes/interceptors/message_dispatch_interceptor.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.group.GroupChannel"};
/// What start() gives the first membership events to arrive at the listeners.
constexpr std::chrono::seconds kFirstEvents{3};
/// How often flush() counts what is under way: only a node that leaves asks for it.
constexpr std::chrono::milliseconds kFlushLook{1};

/// The id of an RPC for which no node has a channel: whoever gets the request says so.
constexpr std::string_view kNobodysId = "serval-hello";

bool answers_nobody(const ChannelMessage& message) {
  if ((message.options & option::kByteMessage) != 0) return false;
  const auto reply = read_no_rpc_channel_reply(*message.content);
  return reply && same_bytes(reply->rpc_id, kNobodysId);
}

/// One listener's turn. An exception is a failure like any other.
Result<> give_to(ChannelListener& listener, const Received& message) {
  try {
    return listener.message_received(message);
  } catch (const std::exception& thrown) {
    return Error{Errc::kBadState, thrown.what()};
  }
}

}  // namespace

std::span<const Attribute<GroupChannel::Options>> GroupChannel::attributes() {
  using O = Options;
  static const std::array table{
      attribute("heartbeat", &O::heartbeat, "the channel drives its own heartbeat"),
      attribute("heartbeatSleeptime", &O::heartbeat_sleeptime, "ms between heartbeats"),
      attribute("optionCheck", &O::option_check, "refuse interceptors whose flags overlap"),
      hidden(attribute("name", &O::name, "replaced by the cluster's name")),
      hidden(attribute("jmxEnabled", &O::jmx_enabled, "management sees the channel's parts")),
      hidden(attribute("jmxDomain", &O::jmx_domain, "domain of the names of their beans")),
      hidden(attribute("jmxPrefix", &O::jmx_prefix, "begin of their keys, \"zone=north,\"")),
      attribute("peerVersion", &O::peer_version,
                "what Tomcat members are taken for until they show it: auto, or their version"),
  };
  return table;
}

GroupChannel::GroupChannel(Options options, ChannelCoordinator::Parts parts)
    : options_(std::move(options)),
      name_(options_.name),
      profiles_(options_.peer_version),
      coordinator_(std::move(parts), upwards()),
      stack_(*this, coordinator_) {}

GroupChannel::~GroupChannel() { stop(level::kAll); }

ChannelCoordinator::Upwards GroupChannel::upwards() {
  ChannelCoordinator::Upwards up{*this, {}, {}, {}, {}};
  up.receive = [this](ChannelMessage message) {
    return stack_.from_bottom().receive(std::move(message));
  };
  up.member_added = [this](const MemberPtr& member) {
    events_.post([this, member] { stack_.from_bottom().member_added(member); });
  };
  up.member_disappeared = [this](const MemberPtr& member) {
    events_.post([this, member] { stack_.from_bottom().member_disappeared(member); });
  };
  up.send_failed = [this](const FaultyMember& faulty) { stack_.from_bottom().send_failed(faulty); };
  return up;
}

void GroupChannel::add_interceptor(std::unique_ptr<Interceptor> interceptor) {
  SERVAL_ASSERT(levels_ == 0, "interceptors are added before the channel starts");
  stack_.add(std::move(interceptor), *this);
}

Result<> GroupChannel::start(int levels) {
  const int running = levels_;
  levels = stack_.levels(levels);
  const int starting = levels & level::kAll & ~running;
  if (levels == 0 || running == level::kAll) return {};
  if (starting == 0) {
    return Error{Errc::kBadState, fmt::format("Channel already started for level:[{}]", levels)};
  }
  if (running == 0) {
    // As Tomcat does, so that asynchronous messages are.
    if (stack_.empty()) stack_.add(std::make_unique<MessageDispatchInterceptor>(), *this);
    if (auto checked = check_stack(); !checked) return checked;
  }
  events_.start("tribes-event");
  if (auto done = start_parts(starting); !done) {
    coordinator_.stop(starting);
    stack_.stop(starting);
    if (running == 0) events_.stop();
    return done;
  }
  levels_ = running | starting;
  stack_.started(starting);
  // Members that are alive now are known to every listener when start() returns.
  if (!events_.drain(kFirstEvents))
    kLog.warn("Membership events take more than [{}] s", kFirstEvents.count());
  if (options_.heartbeat && running == 0) {
    events_.repeat(options_.heartbeat_sleeptime, [this] { beat(); });
  }
  return {};
}

Result<> GroupChannel::check_stack() const {
  if (options_.option_check) {
    if (auto checked = stack_.check_options(); !checked) return checked;
  }
  return stack_.check_places();
}

Result<> GroupChannel::start_parts(int levels) {
  if (auto done = stack_.start(levels); !done) return done;
  return coordinator_.start(levels);
}

void GroupChannel::stop(int levels) {
  const int stopping = stack_.levels(levels) & levels_;
  if (stopping == 0) return;
  stack_.stopping(stopping);
  levels_ &= ~stopping;
  coordinator_.stop(stopping);
  stack_.stop(stopping);
  if (levels_ == 0) events_.stop();
}

Result<UniqueId> GroupChannel::send(const Members& to, std::shared_ptr<const Bytes> content,
                                    tribes::Options options, std::uint64_t order_key, SendDone done,
                                    SendEnded ended) {
  if (to.empty()) return Error{Errc::kInvalidArgument, "Empty destination member array"};
  if (!content) return Error{Errc::kInvalidArgument, "Cannot send a NULL message"};
  // Also while membership starts and stops, which may need it.
  if ((coordinator_.levels() & level::kSender) == 0) {
    return Error{Errc::kBadState, "Channel is not started, nothing can be sent"};
  }
  return pass_down(to, std::move(content), options, order_key, std::move(done), std::move(ended));
}

std::size_t GroupChannel::flush(std::chrono::milliseconds limit) {
  const BlockingScope blocking;
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const std::size_t left = coordinator_.under_way();
    if (left == 0 || std::chrono::steady_clock::now() >= end) return left;
    std::this_thread::sleep_for(kFlushLook);
  }
}

Result<UniqueId> GroupChannel::pass_down(const Members& to, std::shared_ptr<const Bytes> content,
                                         tribes::Options options, std::uint64_t order_key,
                                         SendDone done, SendEnded ended) {
  ChannelMessage message;
  message.options = options;
  message.timestamp = system_clock().wall_ms();
  message.id = random_id();
  message.address = local_member();
  message.content = std::move(content);
  message.order_key = order_key;
  message.done = std::move(done);
  if (ended) {
    message.watch = std::make_shared<SendWatch>(SendWatch{message.id, std::move(ended)});
    message.done = [done = std::move(message.done),
                    watch = message.watch](const SendReport& report) {
      if (done) done(report);
      if (!watch->let_go) watch->tell(watch->id, report);
    };
  }
  if (!message.address) return Error{Errc::kBadState, "Channel has no local member"};
  const UniqueId id = message.id;
  if (message_trace::enabled()) {
    message_trace::content("Send", message);
    message_trace::sent("GroupChannel", message, to);
  }
  if (auto sent = stack_.from_top().send(to, std::move(message)); !sent) {
    return std::move(sent).error();
  }
  return id;
}

Result<> GroupChannel::receive(ChannelMessage message) {
  if (answers_nobody(message)) return {};  // who asked has seen it pass
  const bool trace = message_trace::enabled();
  if (trace) {
    message_trace::received("GroupChannel", message);
    message_trace::content("Receive", message);
  }
  Received received{message.content, (message.options & option::kByteMessage) == 0,
                    message.options, message.address,
                    message.id,      message.timestamp};
  Result<> result;
  bool is_claimed = !received.is_object;
  bool rpc_claimed = !received.is_object;
  channel_listeners_.for_each([&](ChannelListener& listener) {
    if (!listener.accept(received)) return;
    is_claimed = true;
    rpc_claimed = rpc_claimed || listener.handles_rpc();
    auto handled = give_to(listener, received);
    if (handled) return;
    kLog.debug("A listener failed on a message of [{}]: {}", message.address->name(),
               handled.error().message);
    if (result) result = std::move(handled);
  });
  if (trace) message_trace::delivered(message);
  if (!rpc_claimed) answer_unclaimed_rpc(received);
  if (!is_claimed && unclaimed_) return unclaimed_(received);
  return result;
}

void GroupChannel::answer_unclaimed_rpc(const Received& message) {
  const auto request = read_rpc_header(*message.content);
  if (!request) return;
  auto reply = std::make_shared<const Bytes>(encode_no_rpc_channel_reply(*request));
  auto sent = send({message.sender}, std::move(reply), option::kAsynchronous, 0,
                   [](const SendReport&) { /* the asker has a time limit of its own */ });
  if (!sent) kLog.debug("Unable to send NoRpcChannelReply: {}", sent.error().message);
}

/// Members come while the channel starts, when send() would still refuse.
void GroupChannel::provoke_answer(const MemberPtr& member) {
  const UniqueId uuid = random_id();
  const RpcHeader header{false, Bytes(uuid.begin(), uuid.end()),
                         Bytes(kNobodysId.begin(), kNobodysId.end())};
  auto request = encode_rpc_message(header, Value());
  SERVAL_ASSERT(request, "null can be written");
  auto sent = pass_down(
      {member}, std::make_shared<const Bytes>(*std::move(request)), option::kDefault, 0,
      [](const SendReport&) { /* nobody waits for it */ }, nullptr);
  if (!sent) kLog.debug("Unable to ask member [{}]: {}", member->name(), sent.error().message);
}

void GroupChannel::member_added(const MemberPtr& member) {
  membership_listeners_.for_each([&](MembershipListener& one) { one.member_added(member); });
}

void GroupChannel::member_disappeared(const MemberPtr& member) {
  coordinator_.forget(*member);
  profiles_.forget(*member);
  membership_listeners_.for_each([&](MembershipListener& one) { one.member_disappeared(member); });
}

void GroupChannel::heartbeat() {
  events_.post([this] { beat(); });
}

void GroupChannel::beat() {
  stack_.from_top().heartbeat();
  membership_listeners_.for_each([](MembershipListener& one) { one.heartbeat(); });
  channel_listeners_.for_each([](ChannelListener& one) { one.heartbeat(); });
}

Members GroupChannel::members() const { return stack_.members(); }
bool GroupChannel::has_members() const { return !members().empty(); }

MemberPtr GroupChannel::member(const Member& like) const {
  for (MemberPtr& member : members()) {
    if (*member == like) return std::move(member);
  }
  const MemberPtr local = local_member();
  return local && *local == like ? local : nullptr;
}

void GroupChannel::add_channel_listener(ChannelListener* listener) {
  channel_listeners_.add(listener);
}
void GroupChannel::remove_channel_listener(ChannelListener* listener) {
  channel_listeners_.remove(listener);
}
void GroupChannel::add_membership_listener(MembershipListener* listener) {
  membership_listeners_.add(listener);
}
void GroupChannel::remove_membership_listener(MembershipListener* listener) {
  membership_listeners_.remove(listener);
}
void GroupChannel::learn_member_impl_uid(const Member& member, std::int64_t uid) {
  profiles_.learn_member_impl_uid(member, uid);
}

}  // namespace serval::tribes
