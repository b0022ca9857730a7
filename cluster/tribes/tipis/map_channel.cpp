#include "cluster/tribes/tipis/map_channel.h"

#include <algorithm>
#include <functional>
#include <future>
#include <thread>
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
/// How long a Tomcat waits for its ACK because one of another generation has not heard of what it
/// says: less than its own limit, 3 s by default.
constexpr std::chrono::seconds kAckKept{2};
/// How long a Tomcat may take from the ACK of a new backup to having stored what that is of.
constexpr std::chrono::milliseconds kStoring{500};
/// How many lines without work keep their memory.
constexpr std::size_t kSpareLines = 64;

MapCore::Options core_options(const ReplicatedMap::Options& options) {
  MapCore::Options core;
  core.kind = options.kind;
  core.map_id.assign(options.name.begin(), options.name.end());
  core.rpc_timeout = options.rpc_timeout;
  core.access_timeout = options.access_timeout;
  core.terminate_on_start_failure = options.terminate_on_start_failure;
  return core;
}

bool reads_alike(const Channel::PeerProfile& a, const Channel::PeerProfile& b) {
  return a.member_impl_uid == b.member_impl_uid && a.serval == b.serval &&
         a.session_notes == b.session_notes;
}

MapMessage::Form form_of(const Channel::PeerProfile& reader) {
  return {reader.member_impl_uid, reader.serval};
}

}  // namespace

/// One message to members that may read different bytes.
struct MapChannel::Sending {
  Sending(MapChannel& channel, std::uint64_t number, std::size_t members)
      : map(channel.weak_from_this()), ticket(number), left(members) {}

  void ended(const SendReport& part, std::size_t members) {
    {
      const std::lock_guard lock(mutex);
      report.faulty.insert(report.faulty.end(), part.faulty.begin(), part.faulty.end());
      left -= members;
      if (left > 0) return;
    }
    for (const FaultyMember& one : report.faulty) {
      kLog.debug("Message to [{}] failed: {}", one.member->name(), one.cause);
    }
    const auto to = map.lock();
    if (to) to->feed([ticket = ticket, all = report](MapCore& core) { core.sent(ticket, all); });
  }

  const std::weak_ptr<MapChannel> map;
  const std::uint64_t ticket;
  std::mutex mutex;
  std::size_t left;
  SendReport report;
};

/// What one thread does for a map, until nothing is left to do. A message that nobody waits for has
/// ended before the call that sends it returns, and may lead to the next one, and that to the next,
/// for as many entries as there are: the core hears of it when the call is over, not within it.
struct MapChannel::Turn {
  Turn(MapChannel& channel, Line* lines) : map(channel), lines_(lines) {}
  ~Turn() { current = outer_; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  Line* next_line() {
    if (!lines_) return nullptr;
    return std::exchange(lines_, lines_->next);
  }
  void tell_core() {
    if (told.empty()) return;
    Line* more = map.give([this](MapCore& core) {
      for (const auto& input : told) input(core);
    });
    told.clear();
    while (more) {
      Line* const line = std::exchange(more, more->next);
      line->next = std::exchange(lines_, line);
    }
  }

  static thread_local Turn* current;
  MapChannel& map;
  std::vector<std::function<void(MapCore&)>> told;

 private:
  Line* lines_;  // of which none is begun
  Turn* const outer_ = std::exchange(current, this);
};
thread_local MapChannel::Turn* MapChannel::Turn::current = nullptr;

MapChannel::MapChannel(Channel& channel, MapOwner& owner, const ReplicatedMap::Options& options)
    : channel_(channel),
      owner_(owner),
      options_(options),
      map_id_(options.name.begin(), options.name.end()),
      name_hash_(std::hash<std::string>()(options.name)),
      core_(core_options(options), *this, system_clock()) {}

MapChannel::~MapChannel() { stop(); }

void MapChannel::start(std::function<void(Result<>)> done) {
  if (!channel_.local_member()) {
    return done(Error{Errc::kBadState, "the channel of the map is not started"});
  }
  channel_.add_membership_listener(&events_);  // the core hears of a loss before its calls end
  {
    const std::lock_guard lock(mutex_);
    running_ = true;
    RpcChannel::Callback& callback = *this;
    rpc_ = std::make_shared<RpcChannel>(channel_, map_id_, callback);
  }
  channel_.add_channel_listener(this);
  run([&](MapCore& core) {
    core.start([name = options_.name, done = std::move(done)](bool ok) {
      if (ok) return done({});
      done(Error{Errc::kTimeout,
                 "map [" + name + "] was not started: a member of the channel was not reached"});
    });
  });
}

void MapChannel::wait_at_rest(std::chrono::seconds limit) {
  const BlockingScope blocking;
  std::unique_lock lock(mutex_);
  const bool done = idle_.wait_for(lock, limit, [this] { return core_.is_at_rest(); });
  if (!done) kLog.warn("Map [{}] is left with messages under way", options_.name);
}

bool MapChannel::may_be_chosen() const {
  const std::lock_guard lock(mutex_);
  return options_.kind == MapKind::kLazy &&
         !std::ranges::all_of(core_.map_members(), [](const auto& one) { return is_serval(*one); });
}

/// A Tomcat chooses the backup of what it is about to store, and looks at what it has stored when a
/// member leaves. So it is told to choose another one from the beginning on, and that this node
/// leaves when it has stored what this node accepted to be the backup of. What comes after the end
/// is refused by ReplicatedMap::refuse_backup.
void MapChannel::stop() {
  std::shared_ptr<RpcChannel> rpc;
  {
    const std::lock_guard lock(mutex_);
    if (!running_ || leaving_) return;
  }
  run([this](MapCore& core) {
    leaving_ = true;
    core.hand_over();
  });
  wait_at_rest(kLeaveLimit);
  if (may_be_chosen()) {
    const BlockingScope blocking;
    std::this_thread::sleep_until(last_chosen_ + kStoring);
  }
  bool is_asked = false;
  run([&](MapCore& core) { is_asked = core.leave(); });
  if (is_asked) wait_at_rest(MapCore::kLeaving + kLeaveLimit);
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

MapChannel::Line* MapChannel::sort_actions() {
  Line* mine = nullptr;
  Line** last = &mine;
  core_.take_actions(taken_);
  for (MapAction& action : taken_) {
    if (const auto at = lines_.find(action.key); at != lines_.end()) {
      at->second.added.push_back(std::move(action));
    } else {
      Line& line = open_line(action.key);
      line.begun.push_back(std::move(action));
      last = &(*last = &line)->next;
    }
  }
  taken_.clear();
  return mine;
}

MapChannel::Line& MapChannel::open_line(const MapKey& key) {
  auto at = lines_.end();
  if (spare_lines_.empty()) {
    at = lines_.try_emplace(key).first;
  } else {
    auto spare = std::move(spare_lines_.back());
    spare_lines_.pop_back();
    spare.key() = key;
    at = lines_.insert(std::move(spare)).position;
  }
  at->second.key = &at->first;
  at->second.next = nullptr;
  return at->second;
}

void MapChannel::close_line(Line& line) {
  auto closed = lines_.extract(lines_.find(*line.key));
  if (spare_lines_.size() < kSpareLines) spare_lines_.push_back(std::move(closed));
  if (lines_.empty()) idle_.notify_all();
}

void MapChannel::carry_out(Line* lines) {
  Turn turn(*this, lines);
  while (Line* const line = turn.next_line()) serve(*line, turn);
}

void MapChannel::serve(Line& line, Turn& turn) {
  for (;;) {
    for (MapAction& action : line.begun) {
      std::visit([&](auto& what) { perform(*line.key, what); }, action.what);
      turn.tell_core();
    }
    line.begun.clear();
    const std::lock_guard lock(mutex_);
    if (line.added.empty()) return close_line(line);
    line.begun.swap(line.added);
  }
}

bool MapChannel::is_at_work() const { return Turn::current && &Turn::current->map == this; }

void MapChannel::later(std::function<void(MapCore&)> input) {
  Turn::current->told.push_back(std::move(input));
}

std::uint64_t MapChannel::order_key(const MapKey& key) const {
  if (key.empty()) return 0;
  const std::uint64_t number = std::hash<MapKey>()(key) ^ name_hash_;
  return number == 0 ? 1 : number;
}

void MapChannel::perform(const MapKey&, MapDone& done) { done.call(std::move(done.result)); }

void MapChannel::perform(const MapKey& key, MapSend& send) {
  const auto sending = std::make_shared<Sending>(*this, send.ticket, send.to.size());
  take_changes(key, send);
  const MapValuePtr told = send.message.primary ? send.value : nullptr;
  Members rest = std::move(send.to);
  while (!rest.empty()) {
    const auto reader = channel_.profile(*rest.front());
    const auto others = std::partition(rest.begin(), rest.end(), [&](const MemberPtr& one) {
      return reads_alike(channel_.profile(*one), reader);
    });
    const Members alike(rest.begin(), others);
    rest.erase(rest.begin(), others);
    MapMessage message = rest.empty() ? std::move(send.message) : send.message;
    if (auto written = put_payload(message, send, reader)) {
      send_to(alike, key, message, sending);
    } else {
      not_sent(alike, message, written.error(), *sending);
    }
  }
  if (told) told->set_last_time_replicated(system_clock().wall_ms());
}

/// Requires: these members read alike.
void MapChannel::send_to(const Members& to, const MapKey& key, const MapMessage& message,
                         const std::shared_ptr<Sending>& sending) {
  const auto reader = channel_.profile(*to.front());
  auto content = std::make_shared<const Bytes>(message.encode(form_of(reader)));
  const auto sent = channel_.send(
      to, std::move(content), options_.channel_send_options, order_key(key),
      [sending, count = to.size()](const auto& report) { sending->ended(report, count); });
  if (!sent) not_sent(to, message, sent.error(), *sending);
}

void MapChannel::not_sent(const Members& to, const MapMessage& message, const Error& error,
                          Sending& sending) {
  kLog.warn("Unable to send {} of map [{}]: {}", map_message_type_name(message.type), options_.name,
            error.message);
  SendReport report;
  for (const MemberPtr& one : to) report.faulty.push_back({one, error.message});
  sending.ended(report, to.size());
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
    self->feed([ticket, answers = self->read_answers(key, outcome)](MapCore& core) mutable {
      core.answered(ticket, std::move(answers));
    });
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
  std::shared_ptr<std::promise<void>> held;
  std::future<void> let_go;  // broken when nobody holds it any more
  const bool waits = !is_serval(*received.sender) && wants_synchronized_ack(received.options);
  if (waits) {
    held = std::make_shared<std::promise<void>>();
    let_go = held->get_future();
  }
  bool is_refused = false;
  run([&](MapCore& core) {
    if (waits && core.is_new_backup(input.message)) {
      is_refused = leaving_;
      if (!leaving_) last_chosen_ = std::chrono::steady_clock::now();
    }
    if (!is_refused) core.message(received.sender, std::move(input), std::move(held));
  });
  if (is_refused) return Error{Errc::kBadState, "this node is leaving: choose another backup"};
  if (let_go.valid() && let_go.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    const BlockingScope blocking;
    let_go.wait_for(kAckKept);
  }
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
