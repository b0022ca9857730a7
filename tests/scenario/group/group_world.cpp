#include "tests/scenario/group/group_world.h"

#include <fmt/format.h>

#include <algorithm>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/membership/member_codec.h"
#include "cluster/tribes/serval_peer.h"
#include "cluster/tribes/transport/channel_data.h"
#include "tests/support/seed.h"

namespace serval::scenario {
namespace {

constexpr int kFirstPort = 4000;
constexpr milliseconds kAnswerPause{20};  // McastService's

std::set<UniqueId> ids(const Members& members) {
  std::set<UniqueId> all;
  for (const MemberPtr& member : members) all.insert(member->id);
  return all;
}

std::string names(const Members& members) {
  std::string text;
  for (const MemberPtr& member : members) text += " " + short_name(*member);
  return text;
}

}  // namespace

std::string short_name(const Member& member) {
  return fmt::format("{}/{:02x}{:02x}", member.port, member.id[0], member.id[1]);
}

struct GroupNode::Bottom final : InterceptorStack::Bottom {
  explicit Bottom(GroupNode& owner) : node(owner) {}
  Result<> send(const Members& to, ChannelMessage message) override {
    node.transmit(to, std::move(message));
    return {};
  }
  Members members() const override { return node.table_.members(); }
  MemberPtr local_member() const override { return node.local_; }
  void heartbeat() override {}
  GroupNode& node;
};

GroupNode::GroupNode(GroupWorld& world, int number, int port)
    : world_(world),
      number_(number),
      table_(world.options().drop_time),
      bottom_(std::make_unique<Bottom>(*this)),
      stack_(*this, *bottom_) {
  member_.host = {127, 0, 0, 1};
  member_.port = port;
  for (auto& byte : member_.id) byte = static_cast<std::uint8_t>(world.simulation.pick(256));
  if (world.options().serval) member_.payload = ServalPayload().bytes();
  local_ = std::make_shared<const Member>(member_);
  table_.set_local(local_);
  build();
}

GroupNode::~GroupNode() = default;

void GroupNode::build() {
  const auto prober = [this](const Members& asked) {
    std::vector<bool> alive;
    for (const MemberPtr& one : asked) {
      alive.push_back(!one->is_shutdown() && world_.answers(number_, *one));
    }
    return alive;
  };
  const auto add = [this](auto made) {
    auto* const raw = made.get();
    stack_.add(std::move(made), *this);
    return raw;
  };
  const GroupOptions& o = world_.options();
  for (const Part part : o.parts) {
    switch (part) {
      case Part::kCoordinator:
        coordinator = add(std::make_unique<NonBlockingCoordinator>(
            NonBlockingCoordinator::Options(), prober));
        break;
      case Part::kSimpleCoordinator:
        simple = add(std::make_unique<SimpleCoordinator>(SimpleCoordinator::Options()));
        break;
      case Part::kTwoPhase:
        two_phase = add(std::make_unique<TwoPhaseCommitInterceptor>(o.two_phase));
        break;
      case Part::kOrder:
        order = add(std::make_unique<OrderInterceptor>(o.order));
        break;
      case Part::kDetector:
        add(std::make_unique<TcpFailureDetector>(TcpFailureDetector::Options(), prober));
        break;
    }
  }
}

const Clock& GroupNode::clock() const { return world_.simulation.clock(); }

void GroupNode::after(milliseconds delay, std::function<void()> work) {
  world_.simulation.at(delay, [this, work = std::move(work)] {
    if (running_) work();
  });
}

void GroupNode::run_later(std::function<void()> work) { after(milliseconds(0), std::move(work)); }

void GroupNode::repeat(milliseconds interval, std::function<void()> work) {
  after(interval, [this, interval, work] {
    work();
    repeat(interval, work);
  });
}

void GroupNode::start() {
  running_ = true;
  started_at_ = world_.simulation.now();
  auto well = stack_.check_places();
  if (well) well = stack_.start(level::kAll);
  if (!well) return world_.violated(well.error().message);
  beat();
  expire();
  after(world_.options().frequency * 6 / 5, [this] { stack_.started(level::kAll); });
  after(world_.options().heartbeat, [this] { channel_heartbeat(); });
}

void GroupNode::die() {
  running_ = false;
  world_.network.kill(number_);
}

void GroupNode::leave() {
  Member leaving = member_;
  leaving.command.assign(kShutdownCommand.begin(), kShutdownCommand.end());
  const Bytes record = encode_member(leaving);
  for (GroupNode* const other : world_.running()) {
    if (other == this || !world_.network.connected(number_, other->number_)) continue;
    other->hear(record);
  }
  die();
}

// --- membership ---

void GroupNode::beat() {
  send_heartbeat();
  after(world_.options().frequency, [this] { beat(); });
}

void GroupNode::send_heartbeat() {
  member_.alive_ms = std::max<std::int64_t>(100, (world_.simulation.now() - started_at_).count());
  local_ = std::make_shared<const Member>(member_);
  last_sent_ = world_.simulation.now();
  ++traffic_.heartbeats_sent;
  std::vector<int> others;
  for (const GroupNode* node : world_.running()) {
    if (node != this) others.push_back(node->number_);
  }
  const auto record = std::make_shared<const Bytes>(encode_member(member_));
  world_.network.broadcast(number_, others, [this, record](const std::vector<int>& reached) {
    for (const int number : reached) world_.node(number).hear(*record);
  });
}

void GroupNode::hear(const Bytes& record) {
  if (!running_) return;
  ++traffic_.heartbeats_got;
  traffic_.heartbeat_bytes_got += record.size();
  auto member = decode_member(record);
  if (!member) return world_.violated("a heartbeat cannot be read: " + member.error().message);
  const auto change = member->is_shutdown()
                          ? table_.says_goodbye(*std::move(member))
                          : table_.heard_from(*std::move(member), clock().now());
  report(change);
  if (!change.added || std::exchange(answer_due_, true)) return;
  const milliseconds due = std::max(milliseconds(0), last_sent_ + kAnswerPause - world_.simulation.now());
  after(due, [this] {
    answer_due_ = false;
    send_heartbeat();
  });
}

void GroupNode::expire() {
  report(table_.expire(clock().now()));
  after(world_.options().frequency, [this] { expire(); });
}

void GroupNode::report(const MembershipTable::Change& change) {
  for (const MemberPtr& gone : change.gone) {
    run_later([this, gone] { stack_.from_bottom().member_disappeared(gone); });
  }
  if (!change.added) return;
  run_later([this, added = change.added] { stack_.from_bottom().member_added(added); });
}

void GroupNode::channel_heartbeat() {
  stack_.from_top().heartbeat();
  after(world_.options().heartbeat, [this] { channel_heartbeat(); });
}

void GroupNode::member_added(const MemberPtr& member) {
  const std::string name = short_name(*member);
  world_.note(fmt::format("{} + {}", short_name(member_), name));
  if (*member == member_) world_.violated(name + " is its own member");
  if (!told_.insert(name).second) {
    world_.violated(short_name(member_) + " is told twice that there is " + name);
  }
}

void GroupNode::member_disappeared(const MemberPtr& member) {
  const std::string name = short_name(*member);
  world_.note(fmt::format("{} - {}", short_name(member_), name));
  if (told_.erase(name) == 0) {
    world_.violated(short_name(member_) + " is told that " + name + " is gone, which it never knew");
  }
  const GroupNode* const there = world_.at(*member);
  const bool lives = there && there->running() && there->member() == *member;
  if (lives && !member->is_shutdown() && world_.answers(number_, *member)) {
    world_.violated(short_name(member_) + " is told that " + name + " is gone, which answers");
  }
}

// --- messages ---

void GroupNode::send(const Members& to, const std::string& text, Options options, SendDone done) {
  if (to.empty()) return done({});
  ChannelMessage message;
  message.options = options;
  message.timestamp = clock().wall_ms();
  for (auto& byte : message.id) byte = static_cast<std::uint8_t>(world_.simulation.pick(256));
  message.address = local_;
  message.content = std::make_shared<const Bytes>(text.begin(), text.end());
  message.done = std::move(done);
  const auto sent = stack_.from_top().send(to, std::move(message));
  if (!sent) world_.violated("a message was refused: " + sent.error().message);
}

Result<> GroupNode::receive(ChannelMessage message) {
  const std::string text(message.content->begin(), message.content->end());
  world_.note(fmt::format("{} got {} of {}", short_name(member_), text, message.address->port));
  received_.emplace_back(message.address->port, text);
  return {};
}

void GroupNode::transmit(const Members& to, ChannelMessage message) {
  const auto report = std::make_shared<SendReport>();
  const auto left = std::make_shared<std::size_t>(to.size());
  const SendDone done = std::exchange(message.done, nullptr);
  for (const MemberPtr& member : to) send_to(member, message, report, left, done);
}

void GroupNode::send_to(const MemberPtr& to, const ChannelMessage& message,
                        const std::shared_ptr<SendReport>& report,
                        const std::shared_ptr<std::size_t>& left, const SendDone& done) {
  const std::size_t size = frame_size(message);
  ++traffic_.messages_sent;
  traffic_.message_bytes_sent += size;
  GroupNode* const other = world_.at(*to);
  world_.network.send(
      number_, other ? other->number_ : number_,
      [other, message, size] {
        if (!other || !other->running_) return;
        ++other->traffic_.messages_got;
        other->traffic_.message_bytes_got += size;
        const auto handled = other->stack_.from_bottom().receive(message);
        if (!handled) other->world_.violated("not handled: " + handled.error().message);
      },
      [this, other, to, report, left, done](bool ok) {
        if (!ok || !other) {
          const FaultyMember faulty{to, "no acknowledgement"};
          report->faulty.push_back(faulty);
          stack_.from_bottom().send_failed(faulty);
        }
        if (--*left == 0 && done) done(*report);
      });
}

// --- world ---

GroupNode& GroupWorld::add(int port) {
  const int number = static_cast<int>(nodes_.size());
  if (port == 0) port = kFirstPort + number;
  nodes_.push_back(std::make_unique<GroupNode>(*this, number, port));
  GroupNode& fresh = *nodes_.back();
  at_port_[port] = &fresh;
  note("start " + short_name(fresh.member()));
  fresh.start();
  return fresh;
}

void GroupWorld::kill(GroupNode& node) {
  note("kill " + short_name(node.member()));
  node.die();
}

void GroupWorld::leave(GroupNode& node) {
  note("leave " + short_name(node.member()));
  node.leave();
}

void GroupWorld::split(int islands) {
  for (const auto& node : nodes_) {
    const int island = static_cast<int>(simulation.pick(static_cast<std::size_t>(islands)));
    network.set_island(node->number(), island);
    if (node->running()) note(fmt::format("{} is on island {}", short_name(node->member()), island));
  }
}

std::vector<GroupNode*> GroupWorld::running() const {
  std::vector<GroupNode*> all;
  for (const auto& node : nodes_) {
    if (node->running()) all.push_back(node.get());
  }
  return all;
}

GroupNode& GroupWorld::any() {
  const auto all = running();
  return *all[simulation.pick(all.size())];
}

GroupNode* GroupWorld::at(const Member& member) const {
  const auto found = at_port_.find(member.port);
  return found == at_port_.end() ? nullptr : found->second;
}

bool GroupWorld::answers(int from, const Member& member) const {
  const GroupNode* const node = at(member);
  return node && node->running() && network.connected(from, node->number());
}

bool GroupWorld::settle() {
  network.heal();
  network.weather = {};
  note("settle");
  simulation.run_for(milliseconds(20'000));
  for (int i = 0; i < 200 && !disagreement().empty(); ++i) simulation.run_for(milliseconds(500));
  note("settled");
  return disagreement().empty();
}

std::string GroupWorld::disagreement() const {
  const auto all = running();
  Members everybody;
  for (const GroupNode* node : all) {
    everybody.push_back(std::make_shared<const Member>(node->member()));
  }
  sort_absolutely(everybody);
  std::string wrong;
  const auto complain = [&](const GroupNode& node, const char* what, const Members& has) {
    wrong += fmt::format("{} {}{}\n", short_name(node.member()), what, names(has));
  };
  const NonBlockingCoordinator* first = nullptr;
  for (const GroupNode* node : all) {
    auto others = ids(everybody);
    others.erase(node->member().id);
    if (ids(node->table().members()) != others) complain(*node, "hears", node->table().members());
    if (ids(node->members()) != others || node->told().size() != others.size()) {
      complain(*node, "has the members", node->members());
    }
    const auto check_view = [&](const char* what, const Members& view) {
      const bool same = std::ranges::equal(view, everybody,
                                           [](const auto& a, const auto& b) { return *a == *b; });
      if (!same) complain(*node, what, view);
    };
    if (node->simple) check_view("has the simple view", node->simple->view());
    if (!node->coordinator) continue;
    check_view("has the view", node->coordinator->view());
    if (!node->coordinator->is_quiet()) complain(*node, "elects", {});
    if (!first) first = node->coordinator;
    if (first->view_id() != node->coordinator->view_id()) {
      complain(*node, "has another view id than", {std::make_shared<Member>(all[0]->member())});
    }
  }
  return wrong;
}

void GroupWorld::violated(const std::string& what) {
  note("VIOLATED: " + what);
  if (!violation_.empty()) return;
  violation_ = fmt::format("at {}: {}", simulation.now().count(), what);
  told_lines_ = lines_.size();
}

void GroupWorld::note(const std::string& line) {
  const std::string timed = fmt::format("{:>8} {}", simulation.now().count(), line);
  for (const char c : timed) {
    hash_ = (hash_ ^ static_cast<std::uint8_t>(c)) * 1099511628211ULL;
  }
  lines_.push_back(timed);
}

std::string GroupWorld::last_lines() const {
  const std::size_t lines = testing::environment_number("SERVAL_LINES", 120);
  std::string text;
  const std::size_t end = violation_.empty() ? lines_.size() : told_lines_;
  for (std::size_t i = end > lines ? end - lines : 0; i < end; ++i) {
    text += lines_[i] + "\n";
  }
  return text;
}

}  // namespace serval::scenario
