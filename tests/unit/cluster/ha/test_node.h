// tests/unit/cluster/ha/test_node.h
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/ha/session/backup_manager.h"
#include "cluster/ha/session/delta_manager.h"
#include "cluster/ha/tcp/simple_tcp_cluster.h"
#include "container/core/context.h"
#include "container/core/engine.h"
#include "container/core/host.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/cluster/ha/fake_network.h"

namespace serval::ha::test {

using serval::test::ManualClock;

/// An application that notes what it hears.
class RecordingOwner final : public core::SessionOwner {
 public:
  explicit RecordingOwner(core::Context& context) : context_(context) {}
  const std::string& context_name() const override { return context_.context_name(); }
  const std::string& host_name() const override { return context_.host_name(); }
  std::filesystem::path work_dir() const override { return context_.work_dir(); }
  const std::string& engine_name() const override { return context_.engine_name(); }
  const std::string& jvm_route() const override { return context_.jvm_route(); }
  int session_timeout_minutes() const override { return 30; }
  bool is_distributable() const override { return true; }
  ServletContext& servlet_context() override { return context_; }
  void session_created(Session& session) override { note("created " + session.id()); }
  void session_destroyed(Session& session) override {
    const Value last = session.attribute("last");
    const auto* text = last.get_if<std::string>();
    note("destroyed " + session.id() + (text ? " last=" + *text : ""));
    if (on_destroyed) on_destroyed(session);
  }
  void session_id_changed(Session& session, std::string_view old_id) override {
    note("id " + std::string(old_id) + " -> " + session.id());
  }
  void attribute_added(Session&, std::string_view name, const Value&) override {
    note("added " + std::string(name));
  }
  void attribute_replaced(Session&, std::string_view name, const Value&) override {
    note("replaced " + std::string(name));
  }
  void attribute_removed(Session&, std::string_view name, const Value&) override {
    note("removed " + std::string(name));
  }

  void single_sign_on_left(core::StandardSession& session, std::string_view sso_id) override {
    note("left " + std::string(sso_id) + " " + session.id());
  }

  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(heard_, {});
  }
  std::function<void(Session&)> on_destroyed;

 private:
  void note(std::string text) {
    const std::lock_guard lock(mutex_);
    heard_.push_back(std::move(text));
  }
  core::Context& context_;
  std::mutex mutex_;
  std::vector<std::string> heard_;
};

/// An Engine with a cluster, one Host and the application /app with a DeltaManager, or a
/// BackupManager if there are options for one.
class TestNode {
 public:
  struct Settings {
    std::string jvm_route;
    tribes::Options send_options = tribes::option::kAsynchronous;
    DeltaManager::Options manager;
    std::optional<BackupManager::Options> backup = std::nullopt;
    std::string context = "app";
    bool cluster_in_host = false;
  };

  TestNode(FakeNetwork& network, std::uint16_t port, const ManualClock& clock, Settings settings);
  ~TestNode();

  /// Cluster, then manager (state transfer included).
  void start();
  void start_cluster();
  void start_manager();
  void stop_manager();

  DeltaSessionPtr find(std::string_view id) {
    return std::static_pointer_cast<DeltaSession>(any_manager->find_session(id));
  }
  /// What a request does: access, `work`, replication, end of the access.
  void request(const core::SessionPtr& session,
               const std::function<void(core::StandardSession&)>& work = {});
  core::SessionPtr create();

  std::shared_ptr<core::Engine> engine;
  std::shared_ptr<core::Host> host;
  std::shared_ptr<core::Context> context;
  FakeChannel* channel = nullptr;
  SimpleTcpCluster* cluster = nullptr;
  DeltaManager* manager = nullptr;  // null: there is
  BackupManager* backup = nullptr;  // this one
  ClusterManagerBase* any_manager = nullptr;
  std::unique_ptr<RecordingOwner> owner;

 private:
  bool manager_started_ = false;
};

/// Waits for a condition that another thread will make true. False after some seconds.
bool eventually(const std::function<bool()>& condition);

inline std::string text_of(const Value& value) {
  const auto* text = value.get_if<std::string>();
  return text ? *text : "(" + value.class_name() + ")";
}

}  // namespace serval::ha::test
