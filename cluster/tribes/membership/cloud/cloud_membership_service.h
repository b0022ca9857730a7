#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "cluster/tribes/membership/cloud/membership_provider.h"
#include "cluster/tribes/membership/membership_service.h"
#include "container/base/attribute.h"

namespace serval::tribes {

enum class CloudProvider { kKubernetes, kDns };
/// What a membershipProviderClassName stands for, a class or a short name; empty is kubernetes.
/// Errors: kNotFound with what there is.
Result<CloudProvider> cloud_provider(std::string_view class_name);

/// Membership by asking the platform: at start and with every heartbeat of the channel. Nothing is
/// sent to the members, so nobody is told that this node leaves.
///
/// A member that the platform does not list any more for expirationTime is gone. While the platform
/// gives no answer the members stay (as Tomcat 10.1.60 does; 9.0.70 drops them); the first failure
/// is logged, then one line a minute.
/// This node's id follows from its place in the list, so it is all zeros until the platform has
/// once given one.
///
/// Units: times in milliseconds.
/// Threads: the platform is asked on one of its own, "tribes-cloud". stop() waits a second for a
/// look that is under way and leaves it behind after that.
/// Source: Tomcat org.apache.catalina.tribes.membership.cloud.CloudMembershipService; tribes-wire
/// 13.
class CloudMembershipService final : public MembershipService {
 public:
  struct Options {
    std::string provider;  // as in membershipProviderClassName
    std::chrono::milliseconds connect_timeout{1000};
    std::chrono::milliseconds read_timeout{1000};
    std::chrono::milliseconds expiration_time{5000};
  };
  static std::span<const Attribute<Options>> attributes();
  using MakeProvider = std::function<std::unique_ptr<MembershipProvider>()>;

  /// Requires: the provider is one that cloud_provider() knows.
  explicit CloudMembershipService(const Options& options);
  /// With another provider, made anew with every start.
  CloudMembershipService(const Options& options, MakeProvider make_provider);
  ~CloudMembershipService() override;

  void set_local(Member here) override;
  /// Waits for the first list, but not longer than 3 s. Only level::kMembershipReceive counts.
  Result<> start(int levels, Events events) override;
  void stop(int levels) override;
  MemberPtr local_member() const override;
  Members members() const override;
  const Options& options() const { return options_; }
  static void add_figures(BeanTable<CloudMembershipService>& table) {
    add_member_figures(table);
    table.read("Properties", [](const auto& service) { return service.properties(); });
  }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.membership.cloud.CloudMembershipService");
  }
  /// The settings that are not the default, as java.util.Properties would show them.
  std::string properties() const;
  Result<> broadcast(std::span<const std::uint8_t> frames) override;
  void heartbeat() override;

 private:
  class Poller;

  const Options options_;
  const MakeProvider make_provider_;
  mutable std::mutex mutex_;
  MemberPtr local_;                 // guarded by mutex_; until the poller knows more
  std::shared_ptr<Poller> poller_;  // guarded by mutex_; while started
};

}  // namespace serval::tribes
