#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/member.h"
#include "cluster/tribes/part_bean.h"
#include "container/base/result.h"

namespace serval::tribes {

/// Finds the other nodes.
///
/// Threads: start and stop by the owner; the rest from any thread. Events come on a thread of the
/// service, one after the other; the receiver of an event does not wait there for anything.
/// Source: Tomcat org.apache.catalina.tribes.MembershipService; tribes-wire 3.
class MembershipService {
 public:
  /// What the service tells its channel.
  struct Events {
    std::function<void(const MemberPtr&)> added;
    /// With the shutdown command set: the member said so, or was replaced.
    std::function<void(const MemberPtr&)> disappeared;
    /// A frame came by broadcast (option kMulticast).
    std::function<void(std::span<const std::uint8_t>)> broadcast;
  };
  virtual ~MembershipService() = default;

  /// Whose members these are, before start(): for a service that talks through the channel.
  virtual void set_channel(Channel& /*channel*/) {}
  /// The local member as far as its receiver knows it: host and ports. Before start().
  virtual void set_local(Member here) = 0;
  /// Where a service that members leave with a goodbye keeps the local one while it lives
  /// (LastMember). Before start().
  virtual void keep_member_in(const std::filesystem::path& /*file*/) {}
  /// Starts level::kMembershipReceive, level::kMembershipSend or both, and returns once the
  /// members that are alive are known. Errors: kIo naming group, port and interface; kBadState for
  /// a level that runs.
  virtual Result<> start(int levels, Events events) = 0;
  /// Stopping the last level tells the others that this node leaves.
  virtual void stop(int levels) = 0;

  /// With the alive time of the last heartbeat. Null before set_local().
  virtual MemberPtr local_member() const = 0;
  /// Longest alive first, without the local one.
  virtual Members members() const = 0;
  /// Sends frames to everybody in one datagram. Errors: more than a datagram holds, level not
  /// started.
  virtual Result<> broadcast(std::span<const std::uint8_t> frames) = 0;
  /// With the channel's heartbeat, on the channel's event thread. Does not wait.
  virtual void heartbeat() {}
  /// For management.
  virtual std::unique_ptr<Bean> bean() { return nullptr; }

 protected:
  /// What the bean of every kind shows besides its settings.
  template <class T>
  static void add_member_figures(BeanTable<T>& table) {
    add_has_members(table);
    table.operations.push_back(
        {"findMemberByName", 1, [](T& service, Bean::Arguments name) -> Result<BeanValue> {
           for (const auto& member : service.members()) {
             if (member->description() == name[0]) return BeanValue(member->description());
           }
           return BeanValue();
         }});
    table.read("MembersByName", [](const T& service) {
      BeanList names;
      for (const auto& member : service.members()) names.items.push_back(member->description());
      return BeanValue(std::move(names));
    });
  }
};

}  // namespace serval::tribes
