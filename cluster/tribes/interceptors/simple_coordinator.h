#pragma once
#include <functional>
#include <mutex>

#include "cluster/tribes/interceptor.h"
#include "cluster/tribes/interceptors/coordinator_options.h"

namespace serval::tribes {

/// Tells when the membership has come to rest: ten looks in a row without a change. Pure.
class Stability {
 public:
  static constexpr int kLooks = 10;
  void changed() { looks_ = 0; }
  /// One look. True at the tenth after the last change.
  bool look() { return looks_ < kLooks && ++looks_ == kLooks; }

 private:
  int looks_ = 0;
};

/// A view of the group and a coordinator without any message: when the membership has not changed
/// for 2.5 s, all members in absolute order; the first is the coordinator. Nodes agree as far as
/// their memberships do.
///
/// memberOrder (Serval's own attribute): see NonBlockingCoordinator.
/// Copies: none. Blocks: no (Tomcat's blocks its event thread while it waits). Threads: view,
/// coordinator and is_coordinator from any; the listener is called on the event thread.
/// Source: Tomcat org.apache.catalina.tribes.group.interceptors.SimpleCoordinator; tribes-wire
/// 10.11.
class SimpleCoordinator final : public Interceptor {
 public:
  static constexpr std::chrono::milliseconds kPause{250};
  using Options = CoordinatorOptions;
  static std::span<const Attribute<Options>> attributes() { return coordinator_attributes(); }
  using Listener = std::function<void(const Members& view)>;

  explicit SimpleCoordinator(const Options& options);

  void member_added(const MemberPtr& member, Above above) override;
  void member_disappeared(const MemberPtr& member, Above above) override;
  Result<> start(int levels) override;
  void started(int levels) override;
  void stop(int levels) override;
  std::string_view simple_name() const override { return "SimpleCoordinator"; }
  const Options& options() const { return options_; }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.group.interceptors.SimpleCoordinator");
  }

  /// Hears of every new view. Before the channel starts.
  void set_listener(Listener listener) { listener_ = std::move(listener); }
  /// In absolute order, with the local member; empty before the first one.
  Members view() const;
  /// Null before the first view.
  MemberPtr coordinator() const;
  bool is_coordinator() const;

 private:
  void look();

  const Options options_;
  Listener listener_;
  Stability stability_;  // the event thread's
  mutable std::mutex mutex_;
  int levels_ = 0;  // guarded by mutex_, as is the view; those that run
  Members view_;
};

}  // namespace serval::tribes
