// tests/unit/container/session/test_owner.h
#pragma once
#include <string>
#include <vector>

#include "container/session/standard_manager.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace serval::core::test {

/// Stands in for a Context and writes down the events.
class TestOwner final : public SessionOwner {
 public:
  const std::string& context_name() const override { return name; }
  const std::string& host_name() const override { return host; }
  std::filesystem::path work_dir() const override { return work.path(); }
  const std::string& engine_name() const override { return engine; }
  const std::string& jvm_route() const override { return route; }
  int session_timeout_minutes() const override { return timeout_minutes; }
  bool is_distributable() const override { return distributable; }
  ServletContext& servlet_context() override { std::abort(); }
  void session_created(Session&) override { events.push_back("created"); }
  void session_destroyed(Session& session) override {
    events.push_back("destroyed with " + std::to_string(session.attribute_names().size()));
  }
  void session_id_changed(Session& session, std::string_view old_id) override {
    events.push_back("id " + std::string(old_id) + " to " + session.id());
  }
  void attribute_added(Session&, std::string_view attribute, const Value&) override {
    events.push_back("added " + std::string(attribute));
  }
  void attribute_replaced(Session&, std::string_view attribute, const Value& old) override {
    events.push_back("replaced " + std::string(attribute) + " was " + *old.get_if<std::string>());
  }
  void attribute_removed(Session&, std::string_view attribute, const Value&) override {
    events.push_back("removed " + std::string(attribute));
  }

  bool distributable = false;
  std::string name = "/app", host = "localhost", engine = "Catalina", route;
  serval::test::TempDir work;
  int timeout_minutes = 30;
  std::vector<std::string> events;
};

/// A started manager with its owner and clock.
struct TestManager {
  explicit TestManager(StandardManager::Options options = {}) : manager(std::move(options), clock) {
    manager.set_owner(owner);
  }
  TestOwner owner;
  serval::test::ManualClock clock;
  StandardManager manager;
};

}  // namespace serval::core::test
