// cluster/ha/tcp/simple_tcp_cluster.h
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/ha/catalina_cluster.h"
#include "cluster/ha/cluster_message.h"
#include "cluster/ha/cluster_valve.h"
#include "cluster/ha/deploy.h"
#include "cluster/ha/registries.h"
#include "cluster/ha/tcp/cluster_beans.h"
#include "cluster/ha/tcp/manager_table.h"
#include "cluster/tribes/channel.h"
#include "container/base/live_options.h"
#include "container/core/container.h"
#include "container/core/registries.h"

namespace serval::ha {

/// channelSendOptions as written: a number or names; 0 and less keep the default.
struct SendOptions {
  tribes::Options value = tribes::option::kAsynchronous;
};
Result<> parse_into(std::string_view text, SendOptions& options);
BeanValue bean_value(const SendOptions& options);

/// What the events about messages carry.
/// Source: Tomcat org.apache.catalina.ha.tcp.SendMessageData.
struct MessageFailure {
  std::shared_ptr<const tribes::Bytes> message;  // one Java object stream
  tribes::MemberPtr member;                      // to which it did not go, or from which it came
  std::string cause;                             // empty for one that came
};

/// A cluster over one tribes channel, in an Engine (for all its hosts) or in a Host.
///
/// What the configuration leaves out is filled in, each part for itself: the channel, the two
/// valves, the template of the managers, the session listener (config-reference 2.1).
///
/// Its lifecycle listeners also hear, each time with the object as data:
/// before_manager_register, after_manager_register, before_manager_unregister,
/// after_manager_unregister: core::Manager*; before_member_register, after_member_register,
/// before_member_unregister, after_member_unregister: tribes::MemberPtr; with
/// notifyLifecycleListenerOnFailure send_message_failure (for each member) and
/// receive_message_failure: MessageFailure. They come on the threads of those who register, of the
/// channel, or of the sender.
///
/// Errors: start() fails if the channel does; everything later is logged.
/// Threads: as core::Cluster says; channel events come on channel threads.
/// Source: Tomcat org.apache.catalina.ha.tcp.SimpleTcpCluster.
class SimpleTcpCluster final : public CatalinaCluster,
                               private tribes::ChannelListener,
                               private tribes::MembershipListener {
 public:
  struct Options {
    SendOptions channel_send_options;
    int channel_start_options = tribes::level::kAll;
    std::string cluster_name;
    bool heartbeat_background_enabled = false;
    bool notify_lifecycle_listener_on_failure = false;
  };
  static std::span<const Attribute<Options>> attributes();

  struct Parts {
    std::unique_ptr<tribes::Channel> channel;
    bool encrypted = false;                           // the channel has an EncryptInterceptor
    std::unique_ptr<core::Manager> manager_template;  // a ClusterManager; null: DeltaManager
    std::vector<std::unique_ptr<ClusterValve>> valves;
    std::vector<std::unique_ptr<ClusterListener>> listeners;
    std::unique_ptr<ClusterDeployer> deployer;
  };
  SimpleTcpCluster(Options options, Parts parts);
  ~SimpleTcpCluster() override;

  /// From its element and the children. What cannot be built is in the diagnostics.
  static Result<std::unique_ptr<core::Cluster>> from_element(const Element& element,
                                                             Diagnostics& diagnostics,
                                                             const core::Registries& registries,
                                                             const HaRegistries& ha);

  // core::Cluster
  void set_container(core::Container& container) override;
  const std::string& cluster_name() const override {
    return options_->cluster_name.empty() ? container_->name() : options_->cluster_name;
  }
  std::unique_ptr<core::Manager> create_manager(const core::Context& context) override;
  bool register_manager(core::Manager& manager, core::Context& context) override;
  void remove_manager(core::Manager& manager) override;
  void background_process() override;
  std::vector<ServerStatus::Member> members() const override;

  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }

  // CatalinaCluster
  core::Container& container() const override { return *container_; }
  tribes::Channel& channel() override { return *parts_.channel; }
  tribes::Options send_options() const override { return options_->channel_send_options.value; }
  bool has_members() const override { return is_available() && parts_.channel->has_members(); }
  void send(Outgoing message) override;
  bool with_manager(std::string_view name,
                    const std::function<void(ClusterManager&)>& use) override {
    return managers_.use(name, use);
  }
  void for_each_manager(const std::function<void(ClusterManager&)>& use) override {
    managers_.use_each(use);
  }

 protected:
  /// Shows the cluster's bean, until it is destroyed.
  Result<> do_init() override;
  Result<> do_start() override;
  void do_stop() override;
  void do_destroy() override;

 private:
  void fill_in_defaults();
  void add_valves();
  void start_deployer();
  void warn_if_open() const;
  void leave(tribes::Channel& channel);
  void tell_of_failures(const std::shared_ptr<const tribes::Bytes>& message,
                        const tribes::SendReport& report);
  std::string manager_key(const core::Manager& manager, const core::Context& context) const;

  // tribes::ChannelListener, tribes::MembershipListener
  bool accept(const tribes::Received& message) override;
  Result<> message_received(const tribes::Received& message) override;
  void member_added(const tribes::MemberPtr& member) override;
  void member_disappeared(const tribes::MemberPtr& member) override;

  LiveOptions<Options> options_;
  Parts parts_;
  ClusterManager* template_ = nullptr;  // in parts_.manager_template
  core::Container* container_ = nullptr;
  int started_levels_ = 0;
  bool valves_added_ = false;
  std::mutex operations_;  // start and stop by management
  std::atomic<bool> deployer_runs_{false};
  ManagerTable managers_;
  BeanRegistry::Registration bean_;
  ClusterBeans beans_;
};

}  // namespace serval::ha
