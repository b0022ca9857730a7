#include "cluster/ha/tcp/simple_tcp_cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cluster/ha/request_gates.h"
#include "cluster/ha/session/cluster_session_listener.h"
#include "cluster/ha/session/delta_manager.h"
#include "cluster/ha/session/jvm_route_binder_valve.h"
#include "cluster/ha/tcp/replication_valve.h"
#include "cluster/tribes/tipis/replicated_map.h"
#include "container/base/log.h"
#include "container/core/container_beans.h"
#include "container/core/context.h"
#include "container/core/host.h"

namespace serval::ha {

namespace {
const Log kLog{"org.apache.catalina.ha.tcp.SimpleTcpCluster"};
const Log kDeployerLog{"org.apache.catalina.ha.deploy.FarmWarDeployer"};
/// What a member that does not answer may cost the end of this node.
constexpr std::chrono::seconds kLeaveLimit{5};

/// That a member is gone is logged once, not with each message that was on its way to it.
void log_failures(const tribes::Channel& channel, const tribes::SendReport& report) {
  for (const auto& faulty : report.faulty) {
    if (!channel.member(*faulty.member)) continue;
    kLog.error("A cluster message did not reach [{}]: {}", faulty.member->name(), faulty.cause);
  }
}

/// work/Catalina.member, or work/Catalina/localhost.member of a Cluster in a Host.
std::filesystem::path member_file(const core::Container& container) {
  std::filesystem::path own;
  for (const core::Container* c = &container; c; c = c->parent()) own = c->name() / own;
  own = own.parent_path();  // no separator at its end
  own += ".member";
  return container.catalina_base() / "work" / own;
}
}  // namespace

Result<> parse_into(std::string_view text, SendOptions& options) {
  const auto parsed = tribes::parse_options(text);
  if (!parsed) return parsed.error();
  if (text.empty()) return Error{Errc::kInvalidArgument, "[] is not a valid option"};
  if (*parsed > 0) options.value = *parsed;
  return {};
}

BeanValue bean_value(const SendOptions& options) { return serval::bean_value(options.value); }

std::span<const Attribute<SimpleTcpCluster::Options>> SimpleTcpCluster::attributes() {
  static const std::array table{
      attribute("channelSendOptions", &Options::channel_send_options,
                "options of every message the cluster sends: 8 or async, 6 or sync, use_ack"),
      attribute("channelStartOptions", &Options::channel_start_options,
                "which services of the channel run: 1 receiver, 2 sender, 4 and 8 membership"),
      attribute("clusterName", &Options::cluster_name, "default: the name of the container"),
      attribute("heartbeatBackgroundEnabled", &Options::heartbeat_background_enabled,
                "the container's background thread drives the channel's heartbeat"),
      attribute("notifyLifecycleListenerOnFailure", &Options::notify_lifecycle_listener_on_failure,
                "tell Listener children of a message that nobody took"),
  };
  return table;
}

SimpleTcpCluster::SimpleTcpCluster(Options options, Parts parts)
    : options_(std::move(options)), parts_(std::move(parts)) {
  fill_in_defaults();
}

SimpleTcpCluster::~SimpleTcpCluster() = default;

void SimpleTcpCluster::fill_in_defaults() {
  if (!parts_.manager_template) {
    parts_.manager_template = std::make_unique<DeltaManager>(DeltaManager::Options());
  }
  template_ = dynamic_cast<ClusterManager*>(parts_.manager_template.get());
  SERVAL_ASSERT(template_, "the template is a ClusterManager");
  if (parts_.valves.empty()) {
    parts_.valves.push_back(std::make_unique<JvmRouteBinderValve>(JvmRouteBinderValve::Options()));
    parts_.valves.push_back(std::make_unique<ReplicationValve>(ReplicationValve::Options()));
  }
  if (parts_.listeners.empty() && template_->uses_session_messages()) {
    parts_.listeners.push_back(
        std::make_unique<ClusterSessionListener>(ClusterSessionListener::Options()));
  }
}

void SimpleTcpCluster::set_container(core::Container& container) { container_ = &container; }

Result<> SimpleTcpCluster::do_start() {
  kLog.info("Cluster is about to start");
  add_valves();
  for (const auto& listener : parts_.listeners) listener->set_cluster(*this);
  if (parts_.deployer) parts_.deployer->set_cluster(*this);
  tribes::Channel& channel = *parts_.channel;
  channel.set_name(cluster_name() + "-Channel");
  channel.keep_member_in(member_file(*container_));
  channel.set_unclaimed(tribes::ReplicatedMap::refuse_backup);
  channel.add_channel_listener(this);
  channel.add_membership_listener(this);
  started_levels_ = options_->channel_start_options;
  if (auto started = channel.start(started_levels_); !started) {
    kLog.error("Unable to start cluster: {}", started.error().message);
    return started;
  }
  beans_.show_channel(*container_, channel);
  warn_if_open();
  start_deployer();
  return {};
}

void SimpleTcpCluster::add_valves() {
  if (std::exchange(valves_added_, true)) return;  // they stay in the pipeline, which owns them now
  for (auto& valve : parts_.valves) {
    valve->set_cluster(*this);
    container_->pipeline().add(std::move(valve));
  }
  parts_.valves.clear();
}

void SimpleTcpCluster::start_deployer() {
  if (!parts_.deployer) return;
  auto* const host = dynamic_cast<core::Host*>(container_);
  if (!host) {
    kDeployerLog.error("FarmWarDeployer can only work as host cluster subelement!");
    return;
  }
  if (auto started = parts_.deployer->start(*host); !started) {
    kDeployerLog.error("The deployer of cluster [{}] does not work: {}", cluster_name(),
                       started.error().message);
    return;
  }
  deployer_runs_ = true;
  beans_.show_deployer(*container_, parts_.deployer->bean());
}

Result<> SimpleTcpCluster::do_init() {
  using This = SimpleTcpCluster;
  static const auto table = [] {
    BeanTable<This> made{"org.apache.catalina.ha.tcp.SimpleTcpCluster", {}, {}};
    made.options()
        .read("stateName", [](const This& c) { return state_name(c.state()); })
        .read("channelSendOptionsName",
              [](const This& c) { return tribes::options_text(c.send_options()); });
    // A cluster without a name of its own has that of its container.
    const auto own = [](const auto& row) { return row.name == "clusterName"; };
    std::ranges::find_if(made.attributes, own)->get = [](const This& c) {
      return BeanValue(c.cluster_name());
    };
    made.operations.push_back({"start", 0, [](This& c, Bean::Arguments) -> Result<BeanValue> {
                                 const std::lock_guard one(c.operations_);
                                 if (auto started = c.start(); !started) return started.error();
                                 return BeanValue();
                               }});
    made.operations.push_back({"stop", 0, [](This& c, Bean::Arguments) -> Result<BeanValue> {
                                 const std::lock_guard one(c.operations_);
                                 c.stop();
                                 return BeanValue();
                               }});
    // A JMXProxy has texts only, and this takes a ClusterMessage.
    made.refuse("send", 1);
    return made;
  }();
  bean_ = core::register_bean(
      *container_, "type=Cluster" + core::bean_keys(*container_),
      make_bean(*this, table, fmt::format("SimpleTcpCluster[{}]", container_->description())));
  return {};
}

void SimpleTcpCluster::warn_if_open() const {
  const auto local = parts_.channel->local_member();
  if (parts_.encrypted || !local) return;
  const std::string host = local->host_text();
  if (host.starts_with("127.") || host == "::1") return;
  kLog.warn(
      "The cluster receiver listens on [{}] without an EncryptInterceptor: use a network that only "
      "the members can reach",
      host);
}

void SimpleTcpCluster::do_stop() {
  beans_.clear();
  if (deployer_runs_.exchange(false)) parts_.deployer->stop();
  tribes::Channel& channel = *parts_.channel;
  leave(channel);
  channel.remove_membership_listener(this);
  channel.remove_channel_listener(this);
  beans_.clear();  // of members that came meanwhile
}

/// The managers are gone; what they have sent shall arrive before the members hear the goodbye.
void SimpleTcpCluster::leave(tribes::Channel& channel) {
  const auto begin = system_clock().now();
  const auto took = [begin] { return system_clock().ms_since(begin); };
  if (const std::size_t left = channel.flush(kLeaveLimit); left == 0) {
    kLog.info("Cluster [{}]: all messages have arrived, after [{}] ms", cluster_name(), took());
  } else {
    kLog.warn("Cluster [{}]: leaves with [{}] messages under way, after [{}] ms", cluster_name(),
              left, took());
  }
  const std::size_t members = channel.members().size();
  channel.stop(started_levels_);
  kLog.info("Cluster [{}]: has left, with a goodbye to [{}] members, after [{}] ms", cluster_name(),
            members, took());
}

void SimpleTcpCluster::do_destroy() { bean_.end(); }

void SimpleTcpCluster::background_process() {
  if (options_->heartbeat_background_enabled) parts_.channel->heartbeat();
  if (deployer_runs_) parts_.deployer->background_process();
  fire("periodic");
}

std::vector<ServerStatus::Member> SimpleTcpCluster::members() const {
  std::vector<ServerStatus::Member> all;
  if (const auto local = parts_.channel->local_member()) {
    all.push_back({local->address_text(), true, local->alive_ms});
  }
  for (const auto& member : parts_.channel->members()) {
    all.push_back({member->address_text(), false, member->alive_ms});
  }
  return all;
}

std::string SimpleTcpCluster::manager_key(const core::Manager& manager,
                                          const core::Context& context) const {
  const std::string& given = manager.base_options().name;
  const std::string& name = given.empty() ? context.context_name() : given;
  if (dynamic_cast<const core::Host*>(container_)) return name;
  const std::string host = context.host_name() + "#";
  return name.starts_with(host) ? name : host + name;
}

std::unique_ptr<core::Manager> SimpleTcpCluster::create_manager(const core::Context& context) {
  kLog.debug("Creating a manager for [{}]", context.context_name());
  return template_->make_clone();
}

bool SimpleTcpCluster::register_manager(core::Manager& manager, core::Context& context) {
  auto* const cluster_manager = dynamic_cast<ClusterManager*>(&manager);
  if (!cluster_manager) {
    kLog.warn(
        "Manager [{}] does not implement ClusterManager, addition to cluster has been aborted.",
        manager.class_name());
    return false;
  }
  fire("before_manager_register", &manager);
  const std::string key = manager_key(manager, context);
  cluster_manager->set_cluster(this, key);
  managers_.add(key, *cluster_manager);
  fire("after_manager_register", &manager);
  return true;
}

void SimpleTcpCluster::remove_manager(core::Manager& manager) {
  auto* const cluster_manager = dynamic_cast<ClusterManager*>(&manager);
  if (!cluster_manager) return;
  fire("before_manager_unregister", &manager);
  managers_.remove(*cluster_manager);
  cluster_manager->set_cluster(nullptr, {});
  fire("after_manager_unregister", &manager);
}

void SimpleTcpCluster::send(Outgoing message) {
  tribes::Members to;
  if (!message.to) {
    to = parts_.channel->members();
  } else if (const auto local = parts_.channel->local_member(); local && *local == *message.to) {
    kLog.error("A cluster message to the local member [{}] is not sent", local->name());
  } else {
    to.push_back(std::move(message.to));
  }
  if (to.empty()) return;
  const auto options = message.options.value_or(send_options());
  const auto gate = RequestGates::add();
  tribes::SendDone done = [this, gate, content = message.content](const auto& report) {
    log_failures(*parts_.channel, report);
    tell_of_failures(content, report);
    if (gate) gate->complete();
  };
  const auto sent = parts_.channel->send(to, std::move(message.content), options, message.order_key,
                                         std::move(done));
  if (sent) return;
  kLog.error("A cluster message could not be sent: {}", sent.error().message);
  if (gate) gate->complete();
}

void SimpleTcpCluster::tell_of_failures(const std::shared_ptr<const tribes::Bytes>& message,
                                        const tribes::SendReport& report) {
  if (!options_->notify_lifecycle_listener_on_failure) return;
  for (const auto& faulty : report.faulty) {
    fire("send_message_failure", MessageFailure{message, faulty.member, faulty.cause});
  }
}

bool SimpleTcpCluster::accept(const tribes::Received& message) {
  return message.is_object && message.content &&
         class_of_stream(*message.content).starts_with("org.apache.catalina.ha.");
}

Result<> SimpleTcpCluster::message_received(const tribes::Received& received) {
  const ClusterMessage message{class_of_stream(*received.content), received};
  bool accepted = false;
  const auto offer = [&](ClusterListener& listener) {
    if (!listener.accept(message)) return;
    accepted = true;
    listener.message_received(message);
  };
  for (const auto& listener : parts_.listeners) offer(*listener);
  if (deployer_runs_) offer(*parts_.deployer);
  if (!accepted) {
    kLog.debug("Message [{}] of [{}] is for nobody here", message.class_name,
               received.sender->name());
    if (options_->notify_lifecycle_listener_on_failure) {
      fire("receive_message_failure", MessageFailure{received.content, received.sender, {}});
    }
  }
  return {};
}

void SimpleTcpCluster::member_added(const tribes::MemberPtr& member) {
  kLog.info("Replication member added:[{}]", member->description());
  fire("before_member_register", member);
  beans_.show_member(*container_, *parts_.channel, member);
  fire("after_member_register", member);
  managers_.use_each([&](ClusterManager& manager) { manager.member_added(member); });
}

void SimpleTcpCluster::member_disappeared(const tribes::MemberPtr& member) {
  kLog.info("Received member disappeared:[{}]", member->description());
  managers_.use_each([&](ClusterManager& manager) { manager.member_disappeared(member); });
  fire("before_member_unregister", member);
  beans_.hide_member(*member);
  fire("after_member_unregister", member);
}

}  // namespace serval::ha
