#pragma once
#include <functional>
#include <mutex>
#include <optional>

#include "cluster/tribes/interceptor.h"
#include "cluster/tribes/interceptors/coordinator_options.h"
#include "cluster/tribes/interceptors/election.h"

namespace serval::tribes {

/// Agrees with the other nodes, all of which need it, on a view of the group and a coordinator, the
/// first of the view in absolute order (election.h says how). Members that it learns from others
/// are members for the part above. Application messages pass as they are.
///
/// All levels of the channel start and stop together, whatever levels are asked for, as in Tomcat.
/// Tomcat's waits up to 15 s at start for the first view; this one does not wait.
///
/// memberOrder (Serval's own attribute) is how bytes of addresses and ids compare: "signed", or
/// "unsigned" in a group of Tomcats from 9.0.119, 10.1.56, 11.0.23. All nodes must agree.
///
/// Copies: none. Blocks: the event thread, up to 1 s for members that another node knows and that
/// do not answer. Threads: view, view_id, coordinator and is_coordinator from any; the listener is
/// called on the event thread.
/// Source: Tomcat org.apache.catalina.tribes.group.interceptors.NonBlockingCoordinator; tribes-wire
/// 10.10.
class NonBlockingCoordinator final : public Interceptor, private ElectionOutside {
 public:
  using Options = CoordinatorOptions;
  static std::span<const Attribute<Options>> attributes() { return coordinator_attributes(); }
  using Listener = std::function<void(const CoordinationEvent&)>;
  /// Which of the members are alive.
  using Prober = std::function<std::vector<bool>(const Members&)>;

  explicit NonBlockingCoordinator(const Options& options);
  /// With another way to probe, for tests.
  NonBlockingCoordinator(const Options& options, Prober prober);

  Result<> receive(ChannelMessage message, Above above) override;
  void member_added(const MemberPtr& member, Above above) override;
  void member_disappeared(const MemberPtr& member, Above above) override;
  void heartbeat(Below below) override;
  /// In absolute order.
  Members members(Below below) const override;
  Result<> check_place(const Neighbours& neighbours) override;
  int levels(int levels) const override;
  Result<> start(int levels) override;
  void started(int levels) override;
  void stop(int levels) override;
  std::string_view simple_name() const override { return "NonBlockingCoordinator"; }
  const Options& options() const { return options_; }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.group.interceptors.NonBlockingCoordinator");
  }

  /// Hears of every step. Before the channel starts.
  void set_listener(Listener listener) { listener_ = std::move(listener); }
  /// In absolute order, with the local member; empty while the channel does not run.
  Members view() const;
  /// Nothing before the first view.
  std::optional<UniqueId> view_id() const;
  /// Null before the first view.
  MemberPtr coordinator() const;
  bool is_coordinator() const;
  /// No election is under way on this node.
  bool is_quiet() const;

 private:
  // ElectionOutside; two of its names are an interceptor's too.
  using Interceptor::local_member;
  using Interceptor::send;
  MemberPtr local_member() const override { return below().local_member(); }
  std::vector<bool> probe(const Members& members) override { return prober_(members); }
  void send(const Members& to, const CoordinationMessage& message, std::uint64_t ticket) override;
  void send_view_id(const Members& to, const UniqueId& view_id) override;
  void member_added(const MemberPtr& member) override;
  void member_disappeared(const MemberPtr& member) override;
  void happened(CoordinationEvent::Type type, std::string info) override;

  ChannelMessage message_of(Bytes content) const;
  Result<> receive_election(const ChannelMessage& message);
  void check_order(const CoordinationMessage& message);
  Election& election();
  /// Shows the election's state to other threads.
  void publish();

  const Options options_;
  const Prober prober_;
  Listener listener_;
  std::optional<Election> election_;  // the event thread's
  bool order_warned_ = false;         // the event thread's

  struct State {
    Members members, view;
    std::optional<UniqueId> view_id;
    bool quiet = true;
  };
  mutable std::mutex mutex_;
  State state_;           // guarded by mutex_
  bool running_ = false;  // guarded by mutex_; what is still under way at the end shows nothing
};

}  // namespace serval::tribes
