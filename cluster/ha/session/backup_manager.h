// cluster/ha/session/backup_manager.h
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/ha/session/cluster_manager_base.h"
#include "cluster/tribes/option.h"
#include "cluster/tribes/tipis/replicated_map.h"

namespace serval::ha {

/// mapSendOptions as written: a number or names; 0 and less keep the default.
struct MapSendOptions {
  tribes::Options value = tribes::option::kUseAck | tribes::option::kSynchronizedAck;
};
Result<> parse_into(std::string_view text, MapSendOptions& options);
BeanValue bean_value(const MapSendOptions& options);

/// Keeps each session on the node that uses it, its primary one, and on one backup node; all other
/// nodes that have the application know where it is. A request on one of those brings the session
/// there. The sessions are the values of a lazy replicated map, "<name of the manager>-map".
///
/// The table of core::Manager holds what is here: the sessions of which this node is the primary
/// one or the backup. active_sessions() and sessions() tell of these, as in Tomcat.
///
/// What is sent during a request delays its answer until the map is done (RequestGates), if
/// mapSendOptions ask for that; no thread waits. Only a session that has to be fetched from another
/// node is waited for, in a BlockingScope.
///
/// Errors: start fails without a cluster, and with terminateOnStartFailure when a member could not
/// be reached; later ones cost a log line.
/// Threads: as core::Manager and ClusterManager say.
/// Source: Tomcat org.apache.catalina.ha.session.BackupManager; ha-messages 8.
class BackupManager final : public ClusterManagerBase, private tribes::MapOwner {
 public:
  struct Options : ClusterManagerBase::Options {
    MapSendOptions map_send_options;
    std::chrono::milliseconds rpc_timeout{15000};
    std::chrono::milliseconds access_timeout{5000};
    bool terminate_on_start_failure = false;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit BackupManager(Options options, const Clock& clock = system_clock());
  ~BackupManager() override;
  const Options& options() const { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }

  // core::Manager
  std::string_view class_name() const override {
    return "org.apache.catalina.ha.session.BackupManager";
  }
  /// A session that another node uses is taken over: this one is its primary node from now on.
  core::SessionPtr find_session(std::string_view id) override;
  std::string change_session_id(const core::SessionPtr& session,
                                std::optional<std::string> new_id = std::nullopt) override;
  void add(core::SessionPtr session) override;
  void remove(core::StandardSession& session, bool update) override;
  /// maxActiveSessions limits those of which this node is the primary one.
  std::size_t limited_sessions() const override;

  // ClusterManager
  std::unique_ptr<core::Manager> make_clone() const override;
  bool uses_session_messages() const override { return false; }
  bool request_completed(core::StandardSession& session) override;
  void request_completed_alone(core::StandardSession& session) override;

  std::string map_name() const { return key() + "-map"; }
  /// Ids of all sessions of the cluster, wherever they are: Tomcat's getSessionIdsFull.
  std::vector<std::string> session_ids_full() const;
  /// Their number: Tomcat's getActiveSessionsFull.
  std::size_t active_sessions_full() const;
  /// backup_manager_bean.cpp
  std::unique_ptr<Bean> bean(std::string_view place) override;

 protected:
  Result<> do_start() override;
  /// The sessions live on where their backups are; no listener hears of it.
  void do_stop() override;

 private:
  // tribes::MapOwner
  Result<tribes::MapValuePtr> read_value(const tribes::MapKey& key,
                                         std::span<const std::uint8_t> stream) override;
  void object_made_primary(const tribes::MapKey& key, const tribes::MapValuePtr& value) override;
  void value_arrived(const tribes::MapKey& key, const tribes::MapValuePtr& value) override;
  void value_gone(const tribes::MapKey& key, const tribes::MapValuePtr& value, Gone why) override;

  tribes::ReplicatedMap::Options map_options() const;
  tribes::MapValuePtr value_here(const tribes::MapKey& key) const;
  void count_change(core::StandardSession& session);
  void hand_over();
  void keep_here(const tribes::MapKey& key, const tribes::MapValuePtr& value, bool primary);

  const ClusterManagerBase::Options& shared_options() const override { return *options_; }

  LiveOptions<Options> options_;
  /// Made by start and kept until the next one; null before.
  std::unique_ptr<tribes::ReplicatedMap> map_;
};

}  // namespace serval::ha
