// tests/scenario/group/group_world.h
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cluster/tribes/group/interceptor_stack.h"
#include "cluster/tribes/interceptors/non_blocking_coordinator.h"
#include "cluster/tribes/interceptors/order_interceptor.h"
#include "cluster/tribes/interceptors/simple_coordinator.h"
#include "cluster/tribes/interceptors/tcp_failure_detector.h"
#include "cluster/tribes/interceptors/two_phase_commit_interceptor.h"
#include "cluster/tribes/membership/membership_table.h"
#include "tests/scenario/fake_network.h"

namespace serval::scenario {

using namespace serval::tribes;

class GroupWorld;

/// What a node is made of, top first. Every node of a world has the same.
enum class Part { kCoordinator, kSimpleCoordinator, kTwoPhase, kOrder, kDetector };

struct GroupOptions {
  milliseconds frequency{500}, drop_time{3000}, heartbeat{5000};
  OrderInterceptor::Options order;
  TwoPhaseCommitInterceptor::Options two_phase;
  std::vector<Part> parts{Part::kCoordinator, Part::kDetector};
  bool serval = true;  // members know each other as Serval nodes
};

/// Bytes and messages that a node has sent and got, by kind.
struct Traffic {
  std::uint64_t heartbeats_sent = 0, heartbeats_got = 0, heartbeat_bytes_got = 0;
  std::uint64_t messages_sent = 0, message_bytes_sent = 0, messages_got = 0, message_bytes_got = 0;
};

/// A node of the simulation: the real membership table and the real interceptors, between a fake
/// channel above and a fake network below. What McastService and GroupChannel do with threads and
/// sockets is done here with the simulation's events.
class GroupNode final : private InterceptorStack::Top, private ChannelServices {
 public:
  GroupNode(GroupWorld& world, int number, int port);
  ~GroupNode() override;

  void start();
  void die();
  void leave();
  /// `done` as Channel::send has it.
  void send(const Members& to, const std::string& text, Options options, SendDone done);

  int number() const { return number_; }
  int port() const { return member_.port; }
  bool running() const { return running_; }
  const Member& member() const { return member_; }
  milliseconds started_at() const { return started_at_; }
  Members members() const override { return stack_.members(); }
  const MembershipTable& table() const { return table_; }
  /// What the membership's users have been told: ports and first bytes of ids.
  const std::set<std::string>& told() const { return told_; }
  /// (sender, text) in the order of arrival at the top.
  const std::vector<std::pair<int, std::string>>& received() const { return received_; }
  const Traffic& traffic() const { return traffic_; }

  NonBlockingCoordinator* coordinator = nullptr;  // null where the parts have none
  SimpleCoordinator* simple = nullptr;
  TwoPhaseCommitInterceptor* two_phase = nullptr;
  OrderInterceptor* order = nullptr;

 private:
  friend class GroupWorld;
  // InterceptorStack::Top
  Result<> receive(ChannelMessage message) override;
  void member_added(const MemberPtr& member) override;
  void member_disappeared(const MemberPtr& member) override;
  // ChannelServices
  MemberPtr local_member() const override { return local_; }
  void run_later(std::function<void()> work) override;
  void repeat(milliseconds interval, std::function<void()> work) override;
  const Clock& clock() const override;
  void provoke_answer(const MemberPtr&) override {}

  /// What stands below the interceptors.
  struct Bottom;

  void build();
  void beat();
  void send_heartbeat();
  void expire();
  void channel_heartbeat();
  void hear(const Bytes& record);
  void report(const MembershipTable::Change& change);
  void after(milliseconds delay, std::function<void()> work);
  void transmit(const Members& to, ChannelMessage message);
  void send_to(const MemberPtr& to, const ChannelMessage& message,
               const std::shared_ptr<SendReport>& report, const std::shared_ptr<std::size_t>& left,
               const SendDone& done);

  GroupWorld& world_;
  const int number_;
  Member member_;
  MemberPtr local_;
  bool running_ = false, answer_due_ = false;
  milliseconds started_at_{0}, last_sent_{0};
  MembershipTable table_;
  std::unique_ptr<Bottom> bottom_;
  mutable InterceptorStack stack_;
  std::set<std::string> told_;
  std::vector<std::pair<int, std::string>> received_;
  Traffic traffic_;
};

/// Some nodes, and what must be true of them.
class GroupWorld {
 public:
  GroupWorld(std::uint64_t seed, GroupOptions options)
      : simulation(seed), network(simulation), options_(std::move(options)) {}

  /// At a port of its own, or as the next one at a port that a dead node had.
  GroupNode& add(int port = 0);
  void kill(GroupNode& node);
  void leave(GroupNode& node);
  void split(int islands);
  std::vector<GroupNode*> running() const;
  GroupNode& any();
  GroupNode& node(int number) { return *nodes_[static_cast<std::size_t>(number)]; }
  /// Who listens at an address, or did last.
  GroupNode* at(const Member& member) const;
  bool answers(int from, const Member& member) const;

  /// Good weather until all agree; false if that does not come.
  bool settle();
  /// What is wrong now, "" if nothing: every node knows every other, and all agree on the view.
  std::string disagreement() const;
  /// What was wrong at some time; the first of it.
  const std::string& violation() const { return violation_; }
  void violated(const std::string& what);

  void note(const std::string& line);
  /// A number for the whole story.
  std::uint64_t trace_hash() const { return hash_; }
  /// What happened last, or before the violation: SERVAL_LINES lines, else 120.
  std::string last_lines() const;
  void forget_lines() { lines_ = {}; }
  const GroupOptions& options() const { return options_; }

  Simulation simulation;
  FakeNetwork network;

 private:
  const GroupOptions options_;
  std::vector<std::unique_ptr<GroupNode>> nodes_;
  std::map<int, GroupNode*> at_port_;
  std::string violation_;
  std::uint64_t hash_ = 14695981039346656037ULL;
  std::vector<std::string> lines_;
  std::size_t told_lines_ = 0;  // up to the violation
};

/// "4003/a7": a node's port and the beginning of its id.
std::string short_name(const Member& member);

}  // namespace serval::scenario
