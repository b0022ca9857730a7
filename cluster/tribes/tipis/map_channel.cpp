#include "cluster/tribes/tipis/map_channel.h"

#include <functional>
#include <map>
#include <tuple>
#include <utility>

#include "cluster/tribes/serval_peer.h"
#include "cluster/tribes/tipis/map_payload.h"
#include "container/base/executor.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.tipis.AbstractReplicatedMap"};
/// What a member that does not answer may cost the end of a map.
constexpr std::chrono::seconds kLeaveLimit{5};

MapCore::Options core_options(const ReplicatedMap::Options& options) {
  MapCore::Options core;
  core.kind = options.kind;
  core.map_id.assign(options.name.begin(), options.name.end());
  core.rpc_timeout = options.rpc_timeout;
  core.access_timeout = options.access_timeout;
  core.terminate_on_start_failure = options.terminate_on_start_failure;
  return core;
}

MapMessage::Form form_of(const Channel::PeerProfile& reader) {
  return {reader.member_impl_uid, reader.serval};
}

}  // namespace

/// One message to members that read different bytes.
struct MapSending {
  std::mutex mutex;
  std::size_t left = 0;
  SendReport report;
  std::function<void(const SendReport&)> end;

  void ended(const SendReport& part) {
    {
      const std::lock_guard lock(mutex);
      report.faulty.insert(report.faulty.end(), part.faulty.begin(), part.faulty.end());
      if (--left > 0) return;
    }
    end(report);
  }
};

MapChannel::MapChannel(Channel& channel, MapOwner& owner, const ReplicatedMap::Options& options)
    : channel_(channel),
      owner_(owner),
      options_(options),
      map_id_(options.name.begin(), options.name.end()),
      core_(core_options(options), *this, system_clock()) {}

MapChannel::~MapChannel() { stop(); }

void MapChannel::start(std::function<void(Result<>)> done) {
  if (!channel_.local_member()) {
    return done(Error{Errc::kBadState, "the channel of the map is not started"});
  }
  {
    const std::lock_guard lock(mutex_);
    running_ = true;
    RpcChannel::Callback& callback = *this;
    rpc_ = std::make_shared<RpcChannel>(channel_, map_id_, callback);
  }
  channel_.add_channel_listener(this);
  channel_.add_membership_listener(&events_);
  run([&](MapCore& core) {
    core.start([name = options_.name, done = std::move(done)](bool ok) {
      if (ok) return done({});
      done(Error{Errc::kTimeout,
                 "map [" + name + "] was not started: a member of the channel was not reached"});
    });
  });
}

void MapChannel::hand_over() {
  run([this](MapCore& core) {
    leaving_ = true;
    core.hand_over();
  });
  const BlockingScope blocking;
  std::unique_lock lock(mutex_);
  const bool done = idle_.wait_for(lock, kLeaveLimit, [this] { return core_.is_at_rest(); });
  if (!done) kLog.warn("Map [{}] is left with messages under way", options_.name);
}

void MapChannel::stop() {
  std::shared_ptr<RpcChannel> rpc;
  {
    const std::lock_guard lock(mutex_);
    if (!running_ || leaving_) return;
  }
  hand_over();
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
    rpc = rpc_;
  }
  run([](MapCore& core) { core.stop(); });
  channel_.remove_membership_listener(&events_);
  channel_.remove_channel_listener(this);
  {
    const std::lock_guard lock(mutex_);
    rpc_.reset();
    asked_.clear();
  }
  rpc.reset();  // ends the calls, which come back to run()
  const BlockingScope blocking;
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return lines_.empty(); });  // other threads are still with the owner
}

std::vector<MapChannel::Lines::value_type*> MapChannel::sort_actions() {
  std::vector<Lines::value_type*> mine;
  for (MapAction& action : core_.take_actions()) {
    const auto [line, is_new] = lines_.try_emplace(action.key);
    if (is_new) mine.push_back(&*line);
    line->second.push_back(std::move(action));
  }
  return mine;
}

void MapChannel::carry_out(Lines::value_type& line) {
  const MapKey& key = line.first;
  for (;;) {
    std::vector<MapAction> actions;
    {
      const std::lock_guard lock(mutex_);
      actions.swap(line.second);
      if (actions.empty()) {
        lines_.erase(lines_.find(key));
        if (lines_.empty()) idle_.notify_all();
        return;
      }
    }
    for (MapAction& action : actions) {
      std::visit([&](auto& what) { perform(key, what); }, action.what);
    }
  }
}

std::uint64_t MapChannel::order_key(const MapKey& key) const {
  if (key.empty()) return 0;
  const std::uint64_t number = std::hash<MapKey>()(key) ^ std::hash<std::string>()(options_.name);
  return number == 0 ? 1 : number;
}

void MapChannel::perform(const MapKey&, MapDone& done) { done.call(); }

void MapChannel::perform(const MapKey& key, MapSend& send) {
  const auto sending = std::make_shared<MapSending>();
  sending->end = [weak = weak_from_this(), ticket = send.ticket](const SendReport& report) {
    for (const FaultyMember& one : report.faulty) {
      kLog.debug("Message to [{}] failed: {}", one.member->name(), one.cause);
    }
    const auto self = weak.lock();
    if (self) self->run([&](MapCore& core) { core.sent(ticket, report); });
  };
  const auto diff = take_changes(key, send);
  using Generation = std::tuple<std::int64_t, bool, bool>;
  std::map<Generation, Members> generations;
  for (const MemberPtr& one : send.to) {
    const auto to = channel_.profile(*one);
    generations[{to.member_impl_uid, to.serval, to.session_notes}].push_back(one);
  }
  sending->left = generations.size();
  for (const auto& [generation, members] : generations) send_to(members, send, diff, sending);
  if (send.value && !send.message.primary) return;
  if (send.value) send.value->set_last_time_replicated(system_clock().wall_ms());
}

void MapChannel::send_to(const Members& to, const MapSend& send, const std::optional<Bytes>& diff,
                         const std::shared_ptr<MapSending>& sending) {
  const auto failed = [&](const Error& error) {
    kLog.warn("Unable to send {} of map [{}]: {}", map_message_type_name(send.message.type),
              options_.name, error.message);
    SendReport report;
    for (const MemberPtr& one : to) report.faulty.push_back({one, error.message});
    sending->ended(report);
  };
  const auto reader = channel_.profile(*to.front());
  const auto message = write_message(send, diff, reader);
  if (!message) return failed(message.error());
  auto content = std::make_shared<const Bytes>(message->encode(form_of(reader)));
  const auto key = order_key(message->key.value_or(MapKey()));
  const auto sent = channel_.send(to, std::move(content), options_.channel_send_options, key,
                                  [sending](const SendReport& report) { sending->ended(report); });
  if (!sent) failed(sent.error());
}

void MapChannel::perform(const MapKey& key, MapCall& call) {
  std::shared_ptr<RpcChannel> rpc;
  {
    const std::lock_guard lock(mutex_);
    rpc = rpc_;
  }
  const auto ended = [weak = weak_from_this(), key, ticket = call.ticket](RpcOutcome outcome) {
    const auto self = weak.lock();
    if (!self) return;
    MapAnswers answers = self->read_answers(key, outcome);
    self->run([&](MapCore& core) { core.answered(ticket, std::move(answers)); });
  };
  if (!rpc) return ended({});
  const auto request = [message = std::move(call.message)](const Channel::PeerProfile& reader) {
    // Nobody needs the asker's name in a request: a member of an unknown generation can read one
    // without, and its answer tells what it is.
    MapMessage form = message;
    if (!reader.serval && !reader.member_impl_uid_known) form.primary = nullptr;
    return form.to_value(form_of(reader));
  };
  rpc->send(call.to, request, call.option, options_.channel_send_options, call.timeout, ended);
}

/// A Tomcat's answer does not repeat the key.
MapAnswers MapChannel::read_answers(const MapKey& key, RpcOutcome& outcome) {
  MapAnswers answers;
  answers.faulty = std::move(outcome.faulty);
  for (const RpcResponse& one : outcome.responses) {
    if (one.message.is_null()) ++answers.nulls;
    if (one.message.is_null()) continue;
    auto message = MapMessage::from_value(one.message);
    if (message) {
      if (!key.empty()) message->key = key;
      answers.replies.push_back({one.source, read_input(one.source, *std::move(message))});
    } else {
      kLog.warn("Answer of [{}] is no message of a map: {}", one.source->name(),
                message.error().message);
    }
  }
  return answers;
}

void MapChannel::perform(const MapKey&, MapReply& reply) {
  Asked asked;
  {
    const std::lock_guard lock(mutex_);
    const auto at = asked_.find(reply.request);
    if (at == asked_.end()) return;
    asked = std::move(at->second);
    asked_.erase(at);
  }
  std::optional<Value> answer;
  if (reply.answer) answer = write_answer(*reply.answer, *asked.sender);
  asked.reply(answer.value_or(Value()));
}

std::optional<Value> MapChannel::write_answer(MapInput& answer, const Member& to) const {
  const auto reader = channel_.profile(to);
  MapMessage& message = answer.message;
  const auto encode = [&](MapMessage& into, const MapValuePtr& value) {
    return put_value(into, *value, reader).has_value();
  };
  if (answer.value && !encode(message, answer.value)) return std::nullopt;
  if (answer.state) message.value = encode_map_state(*answer.state);
  using enum MapMessage::Type;
  if (message.type == kState || message.type == kStateCopy) {
    std::vector<MapMessage> list;
    for (MapInput& one : answer.list) {
      if (!one.value || encode(one.message, one.value)) list.push_back(std::move(one.message));
    }
    message.value = encode_map_list(list, form_of(reader));
  }
  return message.to_value(form_of(reader));
}

/// The owner's code is not the map's: what it throws ends its turn, not the map's work for the key.
void MapChannel::perform(const MapKey& key, MapNotice& notice) {
  try {
    tell(key, notice);
  } catch (const std::exception& thrown) {
    kLog.error("Map [{}], key [{}]: {}", options_.name, map_key_text(key).value_or("?"),
               thrown.what());
  }
}

void MapChannel::tell(const MapKey& key, MapNotice& notice) {
  using Kind = MapNotice::Kind;
  switch (notice.kind) {
    case Kind::kMadePrimary:
      return owner_.object_made_primary(key, notice.value);
    case Kind::kArrived:
      return owner_.value_arrived(key, notice.value);
    case Kind::kGone:
      return owner_.value_gone(key, notice.value, notice.why);
    case Kind::kAccess:
      return notice.value->access_entry();
    case Kind::kApplyDiff:
      if (const auto applied = notice.value->apply_diff(notice.diff); !applied) {
        kLog.error("Unable to apply diff to key [{}]: {}", map_key_text(key).value_or("?"),
                   applied.error().message);
      }
  }
}

void MapChannel::Events::member_added(const MemberPtr& member) {
  map_.run([&](MapCore& core) { core.member_appeared(*member); });
}
void MapChannel::Events::member_disappeared(const MemberPtr& member) {
  map_.run([&](MapCore& core) { core.member_disappeared(*member); });
}
void MapChannel::Events::heartbeat() {
  map_.run([](MapCore& core) { core.heartbeat(); });
}

void MapChannel::learn(const Member& sender, const MapMessage& message) {
  if (message.seen_member_impl_uid && !is_serval(sender)) {
    channel_.learn_member_impl_uid(sender, *message.seen_member_impl_uid);
  }
}

MapValuePtr MapChannel::read_value(const MapKey& key, const Bytes& stream) {
  auto value = owner_.read_value(key, stream);
  if (value) return *std::move(value);
  kLog.warn("The value of [{}] is kept unread: {}", map_key_text(key).value_or("?"),
            value.error().message);
  return std::make_shared<RawMapValue>(stream);
}

MapInput MapChannel::read_input(const MemberPtr& sender, MapMessage message) {
  learn(*sender, message);
  MapInput input;
  input.message = std::move(message);
  const MapMessage& read = input.message;
  if (!read.value) return input;
  using enum MapMessage::Type;
  switch (read.type) {
    case kBackup:
    case kCopy:
    case kRetrieveBackup:
      if (read.key) input.value = read_value(*read.key, *read.value);
      break;
    case kPing:
      if (const auto state = decode_map_state(*read.value)) input.state = *state;
      break;
    case kState:
    case kStateCopy:
      read_list(sender, input);
      break;
    default:
      break;
  }
  input.message.value.reset();
  return input;
}

void MapChannel::read_list(const MemberPtr& sender, MapInput& input) {
  std::size_t unreadable = 0;
  auto list = decode_map_list(*input.message.value, unreadable);
  if (!list || unreadable > 0) {
    kLog.warn("The state that [{}] sent has {} unreadable entries: {}", sender->name(), unreadable,
              list ? std::string("not messages of a map") : list.error().message);
  }
  if (!list) return;
  for (MapMessage& one : *list) {
    if (one.type != MapMessage::Type::kState && one.type != MapMessage::Type::kStateCopy) {
      input.list.push_back(read_input(sender, std::move(one)));
    }
  }
}

bool MapChannel::accept(const Received& message) {
  if (!message.is_object) return false;
  const auto id = read_map_id(*message.content);
  return id && std::ranges::equal(*id, map_id_);
}

Result<> MapChannel::message_received(const Received& received) {
  auto message = MapMessage::decode(*received.content);
  if (!message) return std::move(message).error();
  MapInput input = read_input(received.sender, *std::move(message));
  run([&](MapCore& core) { core.message(received.sender, std::move(input)); });
  return {};
}

void MapChannel::reply_request(const Value& request, const MemberPtr& sender,
                               RpcChannel::Reply reply) {
  auto message = MapMessage::from_value(request);
  if (!message) return reply(Value());
  MapInput input = read_input(sender, *std::move(message));
  run([&](MapCore& core) {
    const std::uint64_t number = ++requests_;
    asked_.emplace(number, Asked{sender, std::move(reply)});
    core.request(sender, std::move(input), number);
  });
}

void MapChannel::left_over(const Value& reply, const MemberPtr& sender) {
  auto message = reply.is_null() ? Error{Errc::kProtocol, "null"} : MapMessage::from_value(reply);
  if (!message) return;  // nobody waits for it
  const MapInput input = read_input(sender, *std::move(message));
  run([&](MapCore& core) { core.left_over(sender, input); });
}

}  // namespace serval::tribes
