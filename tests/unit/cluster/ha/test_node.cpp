#include "tests/unit/cluster/ha/test_node.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace serval::ha::test {

TestNode::TestNode(FakeNetwork& network, std::uint16_t port, const ManualClock& clock,
                   Settings settings) {
  core::Engine::Options engine_options;
  engine_options.name = "Catalina";
  engine_options.jvm_route = settings.jvm_route;
  engine = std::make_shared<core::Engine>(engine_options);
  core::Host::Options host_options;
  host_options.name = "localhost";
  host = std::make_shared<core::Host>(host_options);
  engine->add_child(host, false);
  context = std::make_shared<core::Context>(core::ContextName::from_base_name(settings.context),
                                            "/nowhere");
  context->settings.distributable = true;
  host->add_child(context, false);
  owner = std::make_unique<RecordingOwner>(*context);

  auto fake = network.add(port);
  channel = fake.get();
  SimpleTcpCluster::Options options;
  options.channel_send_options.value = settings.send_options;
  SimpleTcpCluster::Parts parts;
  parts.channel = std::move(fake);
  auto made = std::make_unique<SimpleTcpCluster>(options, std::move(parts));
  cluster = made.get();
  core::Container& place = settings.cluster_in_host ? static_cast<core::Container&>(*host)
                                                    : static_cast<core::Container&>(*engine);
  place.set_cluster(std::move(made));

  std::unique_ptr<ClusterManagerBase> made_manager;
  if (settings.backup) {
    auto own = std::make_unique<BackupManager>(*settings.backup, clock);
    backup = own.get();
    made_manager = std::move(own);
  } else {
    auto own = std::make_unique<DeltaManager>(settings.manager, clock);
    manager = own.get();
    made_manager = std::move(own);
  }
  any_manager = made_manager.get();
  context->set_manager(std::move(made_manager));
  any_manager->set_owner(*owner);
}

TestNode::~TestNode() {
  stop_manager();
  cluster->stop();
}

void TestNode::start() {
  start_cluster();
  start_manager();
}

void TestNode::start_cluster() { ASSERT_TRUE(cluster->start()); }

void TestNode::start_manager() {
  ASSERT_TRUE(cluster->register_manager(*any_manager, *context));
  manager_started_ = true;
  ASSERT_TRUE(any_manager->start());
}

void TestNode::stop_manager() {
  if (!manager_started_) return;
  manager_started_ = false;
  any_manager->stop();
  cluster->remove_manager(*any_manager);
}

core::SessionPtr TestNode::create() { return any_manager->create_session(); }

void TestNode::request(const core::SessionPtr& session,
                       const std::function<void(core::StandardSession&)>& work) {
  session->access();
  if (work) work(*session);
  if (session->is_valid()) any_manager->request_completed(*session);
  session->end_access();
}

bool eventually(const std::function<bool()>& condition) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < limit) {
    if (condition()) return true;
    std::this_thread::yield();
  }
  return condition();
}

}  // namespace serval::ha::test
