// cluster/ha/deploy/farm_war_deployer.h
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include "cluster/ha/catalina_cluster.h"
#include "cluster/ha/deploy.h"
#include "cluster/ha/deploy/file_assembly.h"
#include "cluster/ha/deploy/file_sender.h"
#include "cluster/ha/deploy/war_watcher.h"
#include "container/base/clock.h"
#include "container/base/live_options.h"
#include "container/core/deployer.h"

namespace serval::ha {

/// Brings the applications of one node to all: watches a directory for WARs, sends new and changed
/// ones, has removed ones undeployed; deploys what other nodes send.
///
/// watchDir may be deployDir (the Host's appBase): then every node may watch, a WAR dropped on any
/// of them is running on all, and what came from the farm is recognised by its SHA-256 and not sent
/// on. Files that are there at start are known, not news; a Serval node that joins later gets the
/// WARs dropped since, from the oldest member. With a directory of its own, watchDir works as in
/// Tomcat: its WARs are copied to deployDir and sent, those found at start included.
///
/// Errors: a bad message is logged with its sender and costs nothing else; a sender that falls
/// silent costs its temporary file after maxValidTime. Threads: files are sent, put in place and
/// deployed by one worker thread, in order; messages are only written to their temporary file where
/// they arrive. Source: Tomcat org.apache.catalina.ha.deploy.FarmWarDeployer; ha-messages 13;
/// config-reference 2.10.
class FarmWarDeployer final : public ClusterDeployer, private tribes::MembershipListener {
 public:
  struct Options {
    std::string deploy_dir, temp_dir, watch_dir;
    bool watch_enabled = false;
    int process_deploy_frequency = 2;
    int max_valid_time = 300;  // seconds; < 0: endless
  };
  static std::span<const Attribute<Options>> attributes();
  explicit FarmWarDeployer(Options options, const Clock& clock = system_clock());
  ~FarmWarDeployer() override;

  void set_cluster(CatalinaCluster& cluster) override { cluster_ = &cluster; }
  Result<> start(core::Host& host) override;
  void stop() override;
  void background_process() override;
  std::unique_ptr<Bean> bean() override;
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }
  bool accept(const ClusterMessage& message) const override;
  void message_received(const ClusterMessage& message) override;

 private:
  using AssemblyKey = std::pair<tribes::UniqueId, std::string>;  // sender, file name
  static constexpr std::uint64_t kMaxFileSize = std::uint64_t{4} << 30;

  // Channel threads.
  void member_added(const tribes::MemberPtr& member) override;
  void member_disappeared(const tribes::MemberPtr& member) override;
  void file_piece_received(const tribes::Received& message);
  void undeploy_received(const tribes::Received& message);
  void drop_silent_assemblies();

  // Worker thread.
  void run_worker();
  void post(std::function<void()> task);
  void look_for_changes();
  void send_changed(const std::filesystem::path& war);
  void announce_removed(const std::filesystem::path& war);
  void install_received(const std::string& file_name, const std::filesystem::path& file);
  void undeploy_by_farm(const std::string& context_name);
  void send_to_newcomer(const tribes::MemberPtr& member);
  bool take_name(const std::string& context_name);
  Result<> copy_to_deploy_dir(const std::filesystem::path& war,
                              const std::filesystem::path& target);

  void announce_removed_to(const tribes::MemberPtr& member, const std::string& context_name);
  bool watches_deploy_dir() const { return watch_dir_ == deploy_dir_; }

  LiveOptions<Options> options_;
  const Clock& clock_;
  CatalinaCluster* cluster_ = nullptr;  // from set_cluster() on
  core::Deployer* host_ = nullptr;      // from start() on
  std::filesystem::path deploy_dir_, temp_dir_, watch_dir_;
  std::unique_ptr<FileSender> sender_;

  std::mutex assemblies_mutex_;
  std::map<AssemblyKey, FileAssembly> assemblies_;  // guarded by assemblies_mutex_

  std::unique_ptr<WarWatcher> watcher_;  // worker thread, once started
  std::map<std::string, std::string>
      dropped_here_;  // worker thread: file name -> context name of WARs sent since start
  int ticks_ = 0;     // background thread

  std::mutex tasks_mutex_;
  std::condition_variable tasks_changed_;
  std::deque<std::function<void()>> tasks_;  // guarded by tasks_mutex_
  std::atomic<bool> looking_{false};         // a look_for_changes is queued or runs
  std::atomic<bool> stopping_{false};
  std::thread worker_;
};

}  // namespace serval::ha
