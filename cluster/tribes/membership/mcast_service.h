#pragma once
#include <chrono>
#include <memory>
#include <span>
#include <string>

#include "cluster/tribes/membership/membership_service.h"
#include "container/base/attribute.h"

namespace serval::tribes {

/// Membership by heartbeats to a multicast group.
///
/// Start: the own record leaves at once, so others know this node before the wait begins. A node
/// that is alive is heard within one interval, so start() waits for `frequency` and a fifth of it
/// (Tomcat: four times `frequency`). A Serval node answers a new member at once and says which
/// members it knows; as soon as these are all known here too the wait is over, which takes some
/// milliseconds when all others are Serval nodes. A later member is simply reported when it comes.
///
/// Units: times in milliseconds. `bind`: only the interface with this address is used, for sending
/// and for receiving.
/// `soTimeout` > 0: silent members are looked for this often, and with every heartbeat in any case.
///
/// Recovery, with recoveryEnabled: the socket is opened anew, every recoverySleepTime until that
/// works, after recoveryCounter errors in a row. Heartbeats that were sent and did not come back
/// count as errors too once one did (not with localLoopbackDisabled, where none does); Tomcat stays
/// deaf then. Members that come back meanwhile are simply added.
///
/// With a file for the local member (keep_member_in) the first datagram of a start is the goodbye
/// of the process that was killed at the same place, if there was one.
///
/// Errors: datagrams that make no sense are dropped and counted.
/// Threads: one of its own, "tribes-member", so that bulk traffic delays no heartbeat.
/// Source: Tomcat org.apache.catalina.tribes.membership.McastServiceImpl; tribes-wire 3.
class McastService final : public MembershipService {
 public:
  struct Options {
    std::string address = "228.0.0.4";
    int port = 45564;
    std::string bind;
    std::chrono::milliseconds frequency{500};
    std::chrono::milliseconds drop_time{3000};
    int ttl = -1;
    Bytes domain;
    int so_timeout = 0;  // ms, <= 0: frequency
    bool recovery_enabled = true;
    int recovery_counter = 10;
    std::chrono::milliseconds recovery_sleep_time{5000};
    bool local_loopback_disabled = false;
  };
  static std::span<const Attribute<Options>> attributes();

  McastService();
  explicit McastService(const Options& options);
  ~McastService() override;

  void set_local(Member here) override;
  void keep_member_in(const std::filesystem::path& file) override;
  Result<> start(int levels, Events events) override;
  void stop(int levels) override;
  MemberPtr local_member() const override;
  Members members() const override;
  const Options& options() const;
  static void add_figures(BeanTable<McastService>& table);
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.membership.McastService");
  }
  /// Its settings once more, as java.util.Properties would show them.
  std::string properties() const;
  Result<> broadcast(std::span<const std::uint8_t> frames) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace serval::tribes
