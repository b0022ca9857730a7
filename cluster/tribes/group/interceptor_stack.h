#pragma once
#include <memory>
#include <vector>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/interceptor.h"

namespace serval::tribes {

/// The interceptors of a channel in order, between the channel (top) and its coordinator (bottom).
///
/// Errors: conflicts() names two interceptors whose option flags overlap.
/// Threads: built by one thread; then as Interceptor says.
class InterceptorStack {
 public:
  /// What stands above the first interceptor.
  class Top {
   public:
    virtual ~Top() = default;
    virtual Result<> receive(ChannelMessage message) = 0;
    virtual void member_added(const MemberPtr& member) = 0;
    virtual void member_disappeared(const MemberPtr& member) = 0;
  };
  /// What stands below the last one.
  class Bottom {
   public:
    virtual ~Bottom() = default;
    virtual Result<> send(const Members& to, ChannelMessage message) = 0;
    virtual Members members() const = 0;
    virtual MemberPtr local_member() const = 0;
    virtual void heartbeat() = 0;
  };

  InterceptorStack(Top& top, Bottom& bottom) : top_(top), bottom_(bottom) {}

  /// Below those that are there already. Requires: the channel is not started.
  void add(std::unique_ptr<Interceptor> interceptor, ChannelServices& services);
  bool empty() const { return interceptors_.empty(); }
  /// The first one of this simple name, or null.
  Interceptor* find(std::string_view simple_name) const;

  const std::vector<std::unique_ptr<Interceptor>>& all() const { return interceptors_; }

  /// Option flags of which one is contained in the other, the coordinator's (7) included. Says
  /// which.
  Result<> check_options() const;
  /// What the interceptors say of their places.
  Result<> check_places() const;
  /// The levels that start or stop when these are asked for; none for none.
  int levels(int levels) const;
  Result<> start(int levels);
  void stop(int levels);
  void started(int levels);
  void stopping(int levels);

  Below from_top() { return {*this, 0}; }
  Above from_bottom() { return {*this, interceptors_.size()}; }
  Members members() { return from_top().members(); }
  MemberPtr local_member() { return from_top().local_member(); }

 private:
  friend class Below;
  friend class Above;
  Top& top_;
  Bottom& bottom_;
  std::vector<std::unique_ptr<Interceptor>> interceptors_;  // top first
};

}  // namespace serval::tribes
