#include "cluster/tribes/group/static_membership_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <future>
#include <vector>

#include "cluster/tribes/membership/properties_text.h"
#include "cluster/tribes/serval_peer.h"
#include "cluster/tribes/transport/member_probe.h"
#include "container/base/log.h"
#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.membership.StaticMembershipProvider"};

constexpr int kBoth = level::kMembershipReceive | level::kMembershipSend;
constexpr std::int64_t kFirstAlive = 100;  // Tomcat's
/// What stop() gives the goodbyes, and then the answers that are being handled.
constexpr std::chrono::seconds kGoodbye{1}, kHandlerPatience{10};

}  // namespace

std::span<const Attribute<StaticMembershipService::Options>> StaticMembershipService::attributes() {
  using O = Options;
  static const std::array table{
      attribute("expirationTime", &O::expiration_time,
                "ms of silence after which a member is gone"),
      attribute("connectTimeout", &O::connect_timeout, "ms for the TCP connection to a member"),
      attribute("rpcTimeout", &O::rpc_timeout, "ms for the answer of a member"),
      attribute("useThread", &O::use_thread, "members are asked by a thread of their own"),
      attribute("pingInterval", &O::ping_interval, "ms between that thread's questions"),
  };
  return table;
}

StaticMembershipService::StaticMembershipService(const Options& options)
    : options_(options), table_(options.expiration_time) {}
std::string StaticMembershipService::properties() const {
  const auto text = [](auto value) { return std::to_string(value.count()); };
  std::vector<Property> all{{"expirationTime", text(options_.expiration_time)},
                            {"connectTimeout", text(options_.connect_timeout)},
                            {"rpcTimeout", text(options_.rpc_timeout)},
                            {"useThread", options_.use_thread ? "true" : "false"},
                            {"pingInterval", text(options_.ping_interval)}};
  // Tomcat's receiver tells a LocalMember itself where it is.
  if (const auto local = options_.local ? nullptr : local_member()) {
    all.emplace_back("tcpListenHost", local->host_text());
    all.emplace_back("tcpListenPort", std::to_string(local->port));
  }
  if (channel_) all.emplace_back("membershipName", membership_name());
  return properties_text(all);
}

std::string StaticMembershipService::membership_name() const {
  return channel_->name() + "-StaticMembership";
}

StaticMembershipService::~StaticMembershipService() { stop(kBoth); }

void StaticMembershipService::set_local(Member here) {
  const auto is_here = [&](const MemberPtr& one) { return same_place(*one, here); };
  const auto found = std::ranges::find_if(options_.members, is_here);
  auto local = std::make_shared<Member>(here);
  const Member* configured = options_.local ? &*options_.local : nullptr;
  if (!configured && found != options_.members.end()) configured = found->get();
  if (configured) {
    local->id = configured->id;
    local->domain = configured->domain;
    local->is_static = configured->is_static;
  }
  local->alive_ms = kFirstAlive;
  local->payload = ServalPayload().bytes();

  const std::lock_guard lock(mutex_);
  no_local_.clear();
  if (!options_.local && found == options_.members.end()) {
    no_local_ = fmt::format(
        "StaticMembershipService: no Member has the address of the receiver, [{}]; add one, or a "
        "LocalMember",
        local->address_text());
  }
  local_ = std::move(local);
  table_.set_local(local_);
  others_.clear();
  std::ranges::copy_if(options_.members, std::back_inserter(others_),
                       [&](const MemberPtr& one) { return !is_here(one); });
}

MemberPtr StaticMembershipService::local_member() const {
  const std::lock_guard lock(mutex_);
  return local_;
}

Members StaticMembershipService::members() const {
  const std::lock_guard lock(mutex_);
  return table_.members();
}

Result<> StaticMembershipService::broadcast(std::span<const std::uint8_t>) {
  return Error{Errc::kBadState, "StaticMembershipService has no broadcast (option multicast)"};
}

Result<> StaticMembershipService::start(int levels, Events events) {
  levels &= kBoth;
  if (levels == 0 || (levels_ & levels) != 0) {
    return Error{Errc::kBadState, "the membership service runs at this level already"};
  }
  if (!channel_ || !local_member()) {
    return Error{Errc::kBadState, "the membership service has no local member"};
  }
  {
    const std::lock_guard lock(mutex_);
    if (!no_local_.empty()) return Error{Errc::kInvalidArgument, no_local_};
    if (levels_ == 0) service_start_ = std::chrono::steady_clock::now();
  }
  if (levels_ == 0) {
    const std::string id = membership_name();
    id_.assign(id.begin(), id.end());
    events_ = std::move(events);
    calls_ = std::make_shared<Calls>();
    RpcChannel::Callback& answers = *this;
    rpc_ = std::make_unique<RpcChannel>(*channel_, id_, answers);
    channel_->add_channel_listener(this);
  }
  levels_ |= levels;
  if (levels_ != kBoth) return {};
  greet();
  if (options_.use_thread) {
    ping_thread_.start("tribes-ping");
    ping_thread_.repeat(options_.ping_interval, [this] { ping(); });
  }
  return {};
}

void StaticMembershipService::stop(int levels) {
  levels &= levels_;
  if (levels == 0) return;
  levels_ &= ~levels;
  if (levels_ != 0) return;
  ping_thread_.stop();
  channel_->remove_channel_listener(this);
  calls_->gate.close();
  while (!calls_->gate.wait_empty(kHandlerPatience)) {
    kLog.warn("The membership waits for a question that does not end");
  }
  rpc_.reset();
  say_goodbye();
  const std::lock_guard lock(mutex_);
  table_.clear();
}

Members StaticMembershipService::reachable() const {
  Members others;
  {
    const std::lock_guard lock(mutex_);
    others = others_;
  }
  ProbeOptions connect_only;
  connect_only.connect_timeout = options_.connect_timeout;
  connect_only.send_test = false;
  const auto alive = probe_members(others, nullptr, connect_only);
  Members reached;
  for (std::size_t i = 0; i < others.size(); ++i) {
    if (alive[i]) reached.push_back(others[i]);
  }
  return reached;
}

void StaticMembershipService::greet() {
  const Members to = reachable();
  if (to.empty()) return;
  const auto take = [this, calls = calls_](const RpcOutcome& outcome) {
    if (const auto pass = calls->gate.enter()) take_answers(outcome);
  };
  Members strangers;
  std::ranges::copy_if(to, std::back_inserter(strangers), [&](const MemberPtr& one) {
    return !channel_->profile(*one).member_impl_uid_known;
  });
  ask(to, Type::kStart, 0, take);
  for (std::size_t form = 1; form < kMemberImplUids.size(); ++form) {
    ask(strangers, Type::kStart, form, take);
  }
  std::unique_lock lock(mutex_);
  const bool all = changed_.wait_for(lock, options_.rpc_timeout, [&] {
    const Members known = table_.members();
    return std::ranges::all_of(to, [&](const MemberPtr& one) { return contains(known, *one); });
  });
  if (!all)
    kLog.warn("Not every static member answered within [{}] ms", options_.rpc_timeout.count());
}

void StaticMembershipService::heartbeat() {
  if (!options_.use_thread) ping();
}

/// One at a time: a member that does not answer must not collect questions.
void StaticMembershipService::ping() {
  const auto calls = calls_;
  const auto pass = calls->gate.enter();
  if (!pass || levels_ != kBoth || calls->pinging.exchange(true)) return;
  const Members to = reachable();
  if (to.empty()) {
    check_expiry();
    calls->pinging = false;
    return;
  }
  ask(to, Type::kPing, pings_++, [this, calls](const RpcOutcome& outcome) {
    if (const auto answered = calls->gate.enter()) {
      take_answers(outcome);
      check_expiry();
    }
    calls->pinging = false;
  });
}

void StaticMembershipService::ask(const Members& to, Type type, std::size_t guess,
                                  RpcChannel::Done done) {
  const auto request = [&](const Channel::PeerProfile& profile) {
    if (profile.member_impl_uid_known) {
      return member_message_value(message(type, profile.member_impl_uid));
    }
    const auto likely = std::ranges::find(kMemberImplUids, profile.member_impl_uid);
    const auto form = static_cast<std::size_t>(likely - kMemberImplUids.begin()) + guess;
    return member_message_value(message(type, kMemberImplUids[form % kMemberImplUids.size()]));
  };
  rpc_->send(to, request, RpcOption::kAllReply, option::kAsynchronous, options_.rpc_timeout,
             std::move(done));
}

/// Acknowledged, so that it has arrived before the connections are closed.
void StaticMembershipService::say_goodbye() {
  std::vector<std::shared_ptr<std::promise<void>>> told;
  for (const MemberPtr& member : members()) {
    MemberMessage goodbye = message(Type::kStop, channel_->profile(*member).member_impl_uid);
    goodbye.member.set_shutdown();
    ObjectWriter writer;
    const auto written = writer.write_object(member_message_value(goodbye));
    SERVAL_ASSERT(written, "a member message can be written");
    auto ended = std::make_shared<std::promise<void>>();
    auto sent =
        channel_->send({member}, std::make_shared<const Bytes>(writer.finish()), option::kUseAck, 0,
                       [ended](const SendReport&) { ended->set_value(); });
    if (sent) {
      told.push_back(std::move(ended));
    } else {
      kLog.warn("Unable to tell member [{}] that this node leaves: {}", member->name(),
                sent.error().message);
    }
  }
  const auto limit = std::chrono::steady_clock::now() + kGoodbye;
  for (const auto& ended : told) {
    if (ended->get_future().wait_until(limit) == std::future_status::ready) continue;
    kLog.warn("Not every member knows that this node leaves");
    return;
  }
}

MemberMessage StaticMembershipService::message(Type type, std::int64_t member_impl_uid) {
  const std::lock_guard lock(mutex_);
  auto local = std::make_shared<Member>(*local_);
  local->alive_ms =
      std::max<std::int64_t>(kFirstAlive, std::chrono::duration_cast<std::chrono::milliseconds>(
                                              std::chrono::steady_clock::now() - service_start_)
                                              .count());
  local_ = std::move(local);
  return {type, id_, *local_, member_impl_uid};
}

void StaticMembershipService::reply_request(const Value& request, const MemberPtr& sender,
                                            RpcChannel::Reply reply) {
  const auto asked = read_member_message(request);
  if (!asked || asked->type == Type::kStop) {
    kLog.info("Ignored a request of [{}]: {}", sender->name(),
              asked ? "it is a goodbye" : asked.error().message);
    return reply(Value());
  }
  take(*asked, sender);
  reply(member_message_value(message(asked->type, asked->member_impl_uid)));
}

void StaticMembershipService::left_over(const Value& reply, const MemberPtr& sender) {
  const auto message = read_member_message(reply);
  if (message && message->type != Type::kStop) take(*message, sender);
}

bool StaticMembershipService::accept(const Received& message) {
  return message.is_object && is_member_message(*message.content);
}

Result<> StaticMembershipService::message_received(const Received& received) {
  const auto object = ObjectReader(*received.content).read_object();
  if (!object) return object.error();
  const auto message = read_member_message(*object);
  if (!message) return message.error();
  if (message->membership_id == id_) take(*message, received.sender);
  return {};
}

void StaticMembershipService::take_answers(const RpcOutcome& outcome) {
  for (const RpcResponse& response : outcome.responses) {
    const auto message = read_member_message(response.message);
    if (message) {
      take(*message, response.source);
    } else {
      kLog.warn("The answer of member [{}] is no answer: {}", response.source->name(),
                message.error().message);
    }
  }
  for (const FaultyMember& faulty : outcome.faulty) {
    kLog.debug("Unable to ask member [{}]: {}", faulty.member->name(), faulty.cause);
    change_table([&]() -> MembershipTable::Change {
      if (!contains(table_.members(), *faulty.member)) return {};
      return table_.says_goodbye(*faulty.member);
    });
  }
}

/// The table changes and its news are queued in one go, so that they are reported in their order.
template <class Change>
void StaticMembershipService::change_table(Change&& change) {
  const std::lock_guard ordered(order_);
  MembershipTable::Change news;
  {
    const std::lock_guard lock(mutex_);
    news = change();
  }
  changed_.notify_all();
  for (const MemberPtr& gone : news.gone) events_.disappeared(gone);
  if (news.added) events_.added(news.added);
}

void StaticMembershipService::take(const MemberMessage& message, const MemberPtr& sender) {
  channel_->learn_member_impl_uid(*sender, message.member_impl_uid);
  Member member = message.member;
  member.is_static = true;  // who talks here is one
  change_table([&] {
    if (message.type == Type::kStop) return table_.says_goodbye(member);
    MembershipTable::Change before;
    for (const MemberPtr& known : table_.members()) {
      const bool again = *known == member && member.alive_ms < known->alive_ms;
      if (again && message.type == Type::kStart) before = table_.says_goodbye(*known);
    }
    auto change = table_.heard_from(member, std::chrono::steady_clock::now());
    change.gone.insert(change.gone.begin(), before.gone.begin(), before.gone.end());
    return change;
  });
}

void StaticMembershipService::check_expiry() {
  change_table([this] { return table_.expire(std::chrono::steady_clock::now()); });
}

}  // namespace serval::tribes
