// cluster/ha/authenticator/cluster_single_sign_on.h
#pragma once
#include <chrono>
#include <memory>
#include <span>
#include <string>

#include "cluster/ha/cluster_valve.h"
#include "cluster/tribes/tipis/replicated_map.h"
#include "container/authenticator/single_sign_on.h"
#include "container/base/attribute.h"
#include "container/base/live_options.h"

namespace serval::ha {

/// Single sign-on whose logins are known to all nodes: a user who has logged in to one application
/// on one node is known to all of them on every node, and logged out everywhere. The passwords
/// travel with the logins, so use an EncryptInterceptor where others can listen.
///
/// It stands in the Cluster of a Host, or as a Valve of a Host. Elsewhere it says so and does
/// nothing; without a cluster the Host does not start.
///
/// Errors: start() fails without a cluster; with terminate_on_start_failure also if a member does
/// not answer within rpc_timeout.
/// Threads: any. What a request changes reaches the other nodes before its answer leaves.
/// Source: Tomcat org.apache.catalina.ha.authenticator.ClusterSingleSignOn; ha-messages 11.
class ClusterSingleSignOn final : public ClusterValve,
                                  public core::SingleSignOn,
                                  private tribes::MapOwner {
 public:
  struct Options : core::SingleSignOn::Options {
    int map_send_options = 6;
    std::chrono::milliseconds rpc_timeout{15000}, access_timeout{5000};
    bool terminate_on_start_failure = false;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit ClusterSingleSignOn(Options options) : options_(std::move(options)) {}
  ~ClusterSingleSignOn() override;

  void set_container(core::Container& container) override;
  Result<> start() override;
  void stop() override;
  void invoke(core::Request& request, core::Response& response, core::Next next) override;
  std::string_view name() const override { return "ClusterSingleSignOn"; }
  std::unique_ptr<Bean> bean(std::string resource) override;
  const core::SingleSignOn::Options& single_sign_on_options() const override { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }

 protected:
  core::SingleSignOnEntryPtr find(const std::string& id) override;
  void put(const std::string& id, core::SingleSignOnEntryPtr entry) override;
  bool change(const std::string& id, Change what) override;
  core::SingleSignOnEntryPtr take(const std::string& id) override;

 private:
  // tribes::MapOwner
  Result<tribes::MapValuePtr> read_value(const tribes::MapKey& key,
                                         std::span<const std::uint8_t> stream) override;

  LiveOptions<Options> options_;
  std::shared_ptr<tribes::ReplicatedMap> map_;  // since start()
};

}  // namespace serval::ha
