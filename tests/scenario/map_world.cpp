#include "tests/scenario/map_world.h"

#include <fmt/format.h>

#include <sstream>

#include "cluster/tribes/tipis/map_payload.h"
#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"

namespace serval::scenario {
namespace {

constexpr milliseconds kHeartbeat{5000}, kDropTime{3000};
constexpr std::int64_t kDefaultUid = 3323947316117794076;

MemberPtr make_member(Simulation& simulation, int number, bool serval) {
  Member member;
  member.host = {127, 0, 0, 1};
  member.port = 4000 + number;
  for (auto& byte : member.id) byte = static_cast<std::uint8_t>(simulation.pick(256));
  if (serval) member.payload = {'S'};
  return std::make_shared<const Member>(member);
}

MapCore::Options options_of(MapKind kind) {
  MapCore::Options options;
  options.kind = kind;
  options.map_id = {'m', 'a', 'p'};
  return options;
}

}  // namespace

Result<Bytes> GrowingText::encode(const Channel::PeerProfile&) const {
  ObjectWriter writer;
  writer.write_text(text_);
  return writer.finish();
}

Result<Bytes> GrowingText::take_diff() {
  const std::string diff = std::exchange(pending_, {});
  return Bytes(diff.begin(), diff.end());
}

Result<> GrowingText::apply_diff(std::span<const std::uint8_t> diff) {
  std::istringstream words(std::string(diff.begin(), diff.end()));
  for (std::string word; std::getline(words, word, ',');) {
    // A change may come again after the whole value that had it.
    if (!word.empty() && (text_ + ",").find("," + word + ",") == std::string::npos) {
      text_ += "," + word;
    }
  }
  return {};
}

MapNode::MapNode(Simulation& simulation, FakeNetwork& network,
                 std::vector<std::unique_ptr<MapNode>>& all, int number, MapKind kind,
                 std::int64_t generation)
    : simulation_(simulation),
      network_(network),
      all_(all),
      number_(number),
      generation_(generation),
      member_(make_member(simulation, number, generation == 0)),
      core_(options_of(kind), *this, simulation.clock()) {}

template <class Input>
void MapNode::feed(Input&& input) {
  if (!running_) return;
  input(core_);
  perform();
}

void MapNode::start(std::function<void(bool)> done) {
  running_ = true;
  feed([&](MapCore& core) { core.start(std::move(done)); });
  simulation_.at(milliseconds(simulation_.pick(5000)), [this] { beat(); });
}

void MapNode::leave() {
  feed([](MapCore& core) { core.leave(); });
}

void MapNode::stop() {
  feed([](MapCore& core) { core.stop(); });
}

void MapNode::beat() {
  if (!running_) return;
  feed([](MapCore& core) { core.heartbeat(); });
  simulation_.at(kHeartbeat, [this] { beat(); });
}

void MapNode::put(const std::string& key, const std::string& text, std::function<void()> done) {
  feed([&](MapCore& core) {
    core.put(map_key(key), std::make_shared<GrowingText>(text), std::move(done));
  });
}

void MapNode::use(const std::string& key, const std::string& more,
                  std::function<void(std::optional<std::string>)> done) {
  feed([&](MapCore& core) {
    core.get(map_key(key), [this, key, more, done = std::move(done)](const MapValuePtr& value) {
      const auto text = std::dynamic_pointer_cast<GrowingText>(value);
      if (!text) return done(std::nullopt);
      text->append(more);
      feed([&](MapCore& again) {
        const MapCore::Changes changes{text->is_dirty(), true, false};
        again.replicate(map_key(key), changes, false, [done, text] { done(text->text()); });
      });
    });
  });
}

void MapNode::remove(const std::string& key, std::function<void()> done) {
  feed([&](MapCore& core) {
    core.remove(map_key(key), [done = std::move(done)](const MapValuePtr&) { done(); });
  });
}

std::optional<std::string> MapNode::text(const std::string& key) const {
  const MapEntry* const entry = core_.find(map_key(key));
  const auto text =
      entry ? std::dynamic_pointer_cast<GrowingText>(entry->value) : std::shared_ptr<GrowingText>();
  return text ? std::optional(text->text()) : std::nullopt;
}

MapNode* MapNode::node_of(const Member& member) const {
  for (const auto& node : all_) {
    if (*node->member_ == member) return node.get();
  }
  return nullptr;
}

/// A Tomcat takes everybody for a Tomcat of its own generation.
Channel::PeerProfile MapNode::profile(const Member& member) const {
  const MapNode& node = *node_of(member);
  Channel::PeerProfile profile;
  profile.serval = is_serval() && node.is_serval();
  profile.member_impl_uid = node.is_serval() ? kDefaultUid : node.generation_;
  if (!is_serval()) profile.member_impl_uid = generation_;
  profile.member_impl_uid_known = true;
  return profile;
}

Value MapNode::write(const MapMessage& message, const MapNode& to) const {
  const auto reader = profile(*to.member_);
  return message.to_value({reader.member_impl_uid, reader.serval});
}

std::optional<MapInput> MapNode::read(const MapNode& from, const Value& object) const {
  auto message = MapMessage::from_value(object);
  if (!message) return std::nullopt;
  const bool foreign = message->seen_member_impl_uid && !is_serval() &&
                       *message->seen_member_impl_uid != generation_;
  if (foreign) return std::nullopt;  // InvalidClassException
  MapInput input;
  input.message = *std::move(message);
  using enum MapMessage::Type;
  const auto type = input.message.type;
  if (!input.message.value) return input;
  const auto value = ObjectReader(*input.message.value).read_object();
  if (type == kPing) {
    input.state = decode_map_state(*input.message.value).value();
  } else if (type == kState || type == kStateCopy) {
    for (const Value& one : value->list()->items) {
      if (auto element = read(from, one)) input.list.push_back(*std::move(element));
    }
  } else {
    input.value = std::make_shared<GrowingText>(*value->get_if<std::string>());
  }
  return input;
}

void MapNode::perform() {
  for (;;) {
    std::vector<MapAction> actions;
    core_.take_actions(actions);
    if (actions.empty()) return;
    for (MapAction& action : actions) {
      std::visit(
          [&](auto& what) {
            using What = std::decay_t<decltype(what)>;
            if constexpr (std::is_same_v<What, MapDone>) {
              what.call(what.result);
            } else if constexpr (std::is_same_v<What, MapSend>) {
              perform(action.key, what);
            } else {
              perform(what);
            }
          },
          action.what);
    }
  }
}

void MapNode::perform(const MapKey& key, MapSend& send) {
  take_changes(key, send);
  MapMessage message = std::move(send.message);
  put_payload(message, send, {}).value();
  struct Sending {
    std::size_t left;
    SendReport report;
  };
  const auto sending = std::make_shared<Sending>(Sending{send.to.size(), {}});
  for (const MemberPtr& to : send.to) {
    MapNode* const other = node_of(*to);
    const Value object = write(message, *other);
    ++sent_[message.type];
    network_.send(
        number_, other->number_,
        [this, other, object] {
          auto input = other->read(*this, object);
          if (!input) return;
          other->feed([&](MapCore& core) { core.message(member_, *std::move(input)); });
        },
        [this, sending, to, ticket = send.ticket](bool ok) {
          if (!ok) sending->report.faulty.push_back({to, "no acknowledgement"});
          if (--sending->left > 0) return;
          feed([&](MapCore& core) { core.sent(ticket, sending->report); });
        });
  }
}

/// A call under way.
struct MapNode::Call {
  Call(RpcOption option, const Members& to) : collector(option, to) {}
  RpcCollector collector;
  bool ended = false;
};

void MapNode::perform(MapCall& call) {
  const auto open = std::make_shared<Call>(call.option, call.to);
  const auto end = [this, open, ticket = call.ticket] {
    if (open->ended) return;
    open->ended = true;
    RpcOutcome outcome = open->collector.take_outcome();
    MapAnswers answers;
    answers.faulty = std::move(outcome.faulty);
    for (const RpcResponse& one : outcome.responses) {
      if (one.message.is_null()) ++answers.nulls;
      auto input = read(*node_of(*one.source), one.message);
      if (input) answers.replies.push_back({one.source, *std::move(input)});
    }
    feed([&](MapCore& core) { core.answered(ticket, std::move(answers)); });
  };
  const auto changed = [open, end] {
    if (open->collector.is_complete()) end();
  };
  simulation_.at(call.timeout, end);
  for (const MemberPtr& to : call.to) {
    MapNode* const other = node_of(*to);
    const Value object = write(call.message, *other);
    ++sent_[call.message.type];
    const auto reply = [this, other, open, changed](const Value& answer) {
      network_.send(
          other->number_, number_,
          [this, other, open, changed, answer] {
            if (!running_) return;
            if (!open->ended && open->collector.replied(other->member_, answer)) return changed();
            auto late = read(*other, answer);
            if (late) feed([&](MapCore& core) { core.left_over(other->member_, *late); });
          },
          [](bool) {});
    };
    network_.send(
        number_, other->number_,
        [this, other, object, reply, open, changed] {
          if (!other->running_) return;
          const bool has_map = other->core_.state() != MapState::kDestroyed;
          auto input = other->read(*this, object);
          if (!has_map) {
            open->collector.refused(*other->member_);
            return changed();
          }
          if (!input) return;  // it waits in vain
          const std::uint64_t number = ++other->requests_;
          other->asked_[number] = [this, other, reply](const MapReply& answer) {
            if (!answer.answer) return reply(Value());
            MapInput content = *answer.answer;
            if (content.state) content.message.value = encode_map_state(*content.state);
            if (content.value) put_value(content.message, *content.value, {}).value();
            using enum MapMessage::Type;
            if (content.message.type == kState || content.message.type == kStateCopy) {
              std::vector<Value> items;
              for (MapInput& one : content.list) {
                if (one.value) put_value(one.message, *one.value, {}).value();
                items.push_back(other->write(one.message, *this));
              }
              ObjectWriter writer;
              writer.write_object(make_list(std::move(items))).value();
              content.message.value = writer.finish();
            }
            reply(other->write(content.message, *this));
          };
          other->feed([&](MapCore& core) { core.request(member_, *std::move(input), number); });
        },
        [open, to, changed](bool ok) {
          if (ok) return;
          open->collector.failed({to, "no acknowledgement"});
          changed();
        });
  }
}

void MapNode::perform(const MapReply& reply) {
  if (auto asked = asked_.extract(reply.request)) asked.mapped()(reply);
}

void MapNode::perform(MapNotice& notice) {
  if (notice.kind == MapNotice::Kind::kApplyDiff) notice.value->apply_diff(notice.diff).value();
}

void MapNode::sees(const MapNode& other) {
  if (!running_ || contains(view_, *other.member_)) return;
  view_.push_back(other.member_);
  feed([&](MapCore& core) { core.member_appeared(*other.member_); });
}

void MapNode::loses(const MapNode& other) {
  if (!contains(view_, *other.member_)) return;
  erase(view_, *other.member_);
  feed([&](MapCore& core) { core.member_disappeared(*other.member_); });
}

MapNode& MapWorld::add(std::int64_t generation) {
  const int number = static_cast<int>(nodes_.size());
  nodes_.push_back(
      std::make_unique<MapNode>(simulation, network, nodes_, number, kind_, generation));
  MapNode& fresh = *nodes_.back();
  fresh.running_ = true;
  for (MapNode* node : running()) {
    if (node == &fresh || !network.connected(number, node->number_)) continue;
    fresh.sees(*node);
    node->sees(fresh);
  }
  fresh.start();
  return fresh;
}

void MapWorld::kill(MapNode& node) {
  node.die();
  network.kill(node.number_);
  update_views(kDropTime);
}

void MapWorld::stop(MapNode& node) {
  node.leave();
  simulation.run_for(milliseconds(100));
  node.stop();
  node.die();
  network.kill(node.number_);
  update_views(milliseconds(10));
}

void MapWorld::split() {
  for (const auto& node : nodes_) {
    network.set_island(node->number_, static_cast<int>(simulation.pick(2)));
  }
  update_views(kDropTime);
}

void MapWorld::heal() {
  network.heal();
  update_views(milliseconds(600));
}

/// Each node learns at its own time who is there.
void MapWorld::update_views(milliseconds after) {
  for (const auto& node : nodes_) {
    for (const auto& other : nodes_) {
      if (node == other) continue;
      simulation.at(after + milliseconds(simulation.pick(500)),
                    [this, a = node.get(), b = other.get()] {
                      if (!a->running()) return;
                      if (network.connected(a->number_, b->number_)) {
                        a->sees(*b);
                      } else {
                        a->loses(*b);
                      }
                    });
    }
  }
}

std::vector<MapNode*> MapWorld::running() const {
  std::vector<MapNode*> all;
  for (const auto& node : nodes_) {
    if (node->running()) all.push_back(node.get());
  }
  return all;
}

MapNode& MapWorld::any() {
  const auto all = running();
  return *all[simulation.pick(all.size())];
}

bool MapWorld::settle() {
  heal();
  network.weather = {};
  simulation.run_for(milliseconds(60'000));
  return simulation.run_until(
      [this] {
        for (const MapNode* node : running()) {
          if (!node->core().is_quiet()) return false;
        }
        return true;
      },
      milliseconds(300'000));
}

bool MapWorld::exists(const std::string& key) const {
  for (const MapNode* node : running()) {
    if (node->core().find(map_key(key))) return true;
  }
  return false;
}

std::string MapWorld::problem(const std::string& key) const {
  if (!exists(key)) return "";
  const MapNode* primary = nullptr;
  for (const MapNode* node : running()) {
    const MapEntry* const entry = node->core().find(map_key(key));
    if (!entry) return fmt::format("node {} knows nothing", node->number());
    if (entry->role != MapRole::kPrimary) continue;
    if (primary)
      return fmt::format("nodes {} and {} are primary", primary->number(), node->number());
    primary = node;
  }
  if (!primary) return "no node is primary";
  const MapEntry& truth = *primary->core().find(map_key(key));
  const std::size_t others = running().size() - 1;
  const std::size_t wanted = kind_ == MapKind::kFull ? others : std::min<std::size_t>(1, others);
  if (contains(truth.nodes, *primary->member())) return "the primary is its own backup";
  if (truth.nodes.size() != wanted) {
    return fmt::format("{} backups instead of {}", truth.nodes.size(), wanted);
  }
  for (const MapNode* node : running()) {
    if (node == primary) continue;
    const MapEntry& entry = *node->core().find(map_key(key));
    if (!same(entry.primary, primary->member())) {
      return fmt::format("node {} does not know the primary", node->number());
    }
    const bool holds = contains(truth.nodes, *node->member());
    const MapRole role = kind_ == MapKind::kFull ? MapRole::kCopy
                         : holds                 ? MapRole::kBackup
                                                 : MapRole::kProxy;
    if (entry.role != role) return fmt::format("node {} has the wrong role", node->number());
    if (holds && node->text(key) != primary->text(key)) {
      return fmt::format("the backup on node {} differs", node->number());
    }
    if (kind_ == MapKind::kLazy &&
        !(entry.nodes.size() == 1 && same(entry.nodes[0], truth.nodes[0])))
      return fmt::format("node {} does not know the backup", node->number());
  }
  return "";
}

std::string MapWorld::picture(const std::string& key) const {
  static constexpr const char* kRoles[] = {"primary", "backup", "proxy", "copy"};
  std::string text;
  for (const MapNode* node : running()) {
    const MapEntry* const entry = node->core().find(map_key(key));
    text += fmt::format("\n  {} {}: ", node->is_serval() ? "node" : "tomcat", node->number());
    if (!entry) {
      text += "-";
      continue;
    }
    std::string nodes;
    for (const MemberPtr& one : entry->nodes) nodes += fmt::format(" {}", one->port - 4000);
    text += fmt::format(
        "{} primary={} nodes={} version={}.{}{} '{}' members={}",
        kRoles[static_cast<int>(entry->role)], entry->primary ? entry->primary->port - 4000 : -1,
        nodes, entry->version.claim, entry->version.revision, entry->is_stale() ? " stale" : "",
        node->text(key).value_or("-"), node->core().map_members().size());
  }
  return text;
}

}  // namespace serval::scenario
