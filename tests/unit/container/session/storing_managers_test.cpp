// Managers that write sessions out: StandardManager and PersistentManager with FileStore.
#include <gtest/gtest.h>

#include <filesystem>

#include "container/session/file_store.h"
#include "container/session/persistent_manager.h"
#include "container/session/session_file.h"
#include "container/session/standard_manager.h"
#include "tests/support/log_capture.h"
#include "tests/support/vector_file.h"
#include "tests/unit/container/session/test_owner.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;
using serval::test::LogCapture;
using serval::testing::vector_of;
using std::chrono::seconds;

std::string text_of(const StandardSession& session) {
  const Value value = session.attribute("text");
  const auto* const text = value.get_if<std::string>();
  return text ? *text : "a " + value.class_name();
}

/// One application, and managers for it that start one after the other.
class StoringManagers : public ::testing::Test {
 protected:
  StandardManager& standard(StandardManager::Options options = {}) {
    return start(std::make_unique<StandardManager>(std::move(options), clock_));
  }
  PersistentManager& persistent(PersistentManager::Options options = {}) {
    return start(std::make_unique<PersistentManager>(
        std::move(options), std::make_unique<FileStore>(FileStore::Options{.directory = "store"}),
        clock_));
  }
  template <class T>
  T& start(std::unique_ptr<T> manager) {
    T& started = *manager;
    started.set_owner(owner_);
    EXPECT_TRUE(started.start());
    managers_.push_back(std::move(manager));
    return started;
  }
  SessionPtr session(Manager& manager, const std::string& text) {
    auto made = manager.create_session();
    made->set_attribute("text", Value(text));
    use(*made);
    return made;
  }
  static void use(StandardSession& session) {
    EXPECT_TRUE(session.access());
    session.end_access();
  }
  fs::path file(const std::string& id) const { return owner_.work / ("store/" + id + ".session"); }
  void pass(seconds time) { clock_.advance(time); }

  serval::test::ManualClock clock_;
  test::TestOwner owner_;
  std::vector<std::unique_ptr<Manager>> managers_;
};

TEST_F(StoringManagers, SessionsOfAStandardManagerLiveThroughARestart) {
  auto& before = standard();
  const std::string id = session(before, "kept")->id();
  before.stop();
  EXPECT_TRUE(fs::exists(owner_.work / "SESSIONS.ser"));
  EXPECT_EQ(before.active_sessions(), 0U);
  owner_.events.clear();

  auto& after = standard();
  EXPECT_FALSE(fs::exists(owner_.work / "SESSIONS.ser"));
  const auto found = after.find_session(id);
  ASSERT_TRUE(found && found->is_valid());
  EXPECT_EQ(text_of(*found), "kept");
  EXPECT_TRUE(owner_.events.empty()) << "nothing was created or changed";
}

TEST_F(StoringManagers, ASessionWhoseTimeEndsDuringTheRestartEndsAtTheStart) {
  auto& before = standard();
  session(before, "old")->set_max_inactive_interval(60);
  before.stop();
  owner_.events.clear();
  pass(seconds(61));
  EXPECT_EQ(standard().active_sessions(), 0U);
  EXPECT_FALSE(owner_.events.empty()) << "the listeners hear of it";
}

TEST_F(StoringManagers, WithoutAPathnameSessionsEnd) {
  StandardManager::Options options;
  options.pathname.clear();
  auto& manager = standard(options);
  session(manager, "x");
  manager.stop();
  EXPECT_TRUE(fs::is_empty(owner_.work.path()));
}

TEST_F(StoringManagers, FilesOfRealTomcatsAreTaken) {
  for (const char* name :
       {"v9/standardmanager-sessions-ser", "v10/standardmanager-sessions-ser",
        "v9/standardmanager-sessions-ser-auth", "v10/standardmanager-sessions-ser-auth"}) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(write_session_file(owner_.work / "SESSIONS.ser", vector_of(name).bytes));
    StandardManager::Options options;
    options.persist_authentication = true;
    auto& manager = standard(options);
    EXPECT_EQ(manager.active_sessions(), 2U);
    const auto found = manager.find_session("0123456789ABCDEF0123456789ABCDEF");
    ASSERT_TRUE(found);
    const Value number = found->attribute("int");
    ASSERT_TRUE(number.get_if<std::int32_t>());
    EXPECT_EQ(*number.get_if<std::int32_t>(), 7);
    const bool has_user = std::string_view(name).ends_with("auth");
    EXPECT_EQ(found->principal() ? found->principal()->name : "", has_user ? "alice" : "");
    manager.stop();
  }
}

TEST_F(StoringManagers, AFileThatCannotBeReadIsKeptAndNamed) {
  auto bytes = vector_of("v9/standardmanager-sessions-ser").bytes;
  bytes.resize(bytes.size() - 20);
  ASSERT_TRUE(write_session_file(owner_.work / "SESSIONS.ser", bytes));
  const LogCapture log;
  standard();
  EXPECT_TRUE(fs::exists(owner_.work / "SESSIONS.ser.unreadable"));
  EXPECT_TRUE(log.contains("SESSIONS.ser.unreadable")) << log.text();
}

TEST_F(StoringManagers, WhatTheFilterLeavesOutIsNotWritten) {
  StandardManager::Options options;
  options.filter.name = *JavaPattern::compile("te.*");
  auto& before = standard(options);
  const auto made = session(before, "kept");
  made->set_attribute("other", Value("gone"));
  const std::string id = made->id();
  before.stop();
  const auto found = standard().find_session(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->attribute_names(), std::vector<std::string>{"text"});
}

TEST_F(StoringManagers, AnIdleSessionMovesToTheStoreAndBack) {
  auto& manager = persistent({{}, -1, 10, -1, true});
  const std::string id = session(manager, "moved")->id();
  pass(seconds(9));
  manager.background_process();
  EXPECT_FALSE(fs::exists(file(id)));
  pass(seconds(1));
  manager.background_process();
  EXPECT_TRUE(fs::exists(file(id)));
  EXPECT_EQ(manager.active_sessions(), 0U);
  const auto found = manager.find_session(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(text_of(*found), "moved");
  EXPECT_EQ(manager.active_sessions(), 1U);
}

TEST_F(StoringManagers, ASessionInUseStays) {
  auto& manager = persistent({{}, -1, 0, -1, true});
  const auto used = session(manager, "used");
  ASSERT_TRUE(used->access());
  manager.background_process();
  EXPECT_EQ(manager.active_sessions(), 1U);
  used->end_access();
  manager.background_process();
  EXPECT_EQ(manager.active_sessions(), 0U);
  EXPECT_FALSE(used->access()) << "who held it looks for it again";
}

TEST_F(StoringManagers, TheLongestIdleMoveWhenThereAreTooMany) {
  PersistentManager::Options options;
  options.max_active_sessions = 10;
  auto& manager = persistent(options);
  std::vector<std::string> ids;
  for (int i = 0; i < 10; ++i) {
    ids.push_back(session(manager, std::to_string(i))->id());
    pass(seconds(1));
  }
  manager.background_process();
  EXPECT_EQ(manager.active_sessions(), 9U);
  EXPECT_TRUE(fs::exists(file(ids[0])));
}

TEST_F(StoringManagers, SeedRow037_WhatOneNodeCopiedAnotherOneFinds) {
  auto& a = persistent({{}, 0, -1, -1, true});
  const auto made = session(a, "first");
  a.background_process();
  EXPECT_EQ(a.active_sessions(), 1U) << "a copy";
  auto& b = persistent();
  ASSERT_TRUE(b.find_session(made->id()));
  EXPECT_EQ(text_of(*b.find_session(made->id())), "first");

  const auto written = fs::last_write_time(file(made->id()));
  a.background_process();
  EXPECT_EQ(fs::last_write_time(file(made->id())), written) << "it was not used";
}

TEST_F(StoringManagers, EverythingIsSavedAtTheStopAndFoundAgain) {
  auto& before = persistent();
  const std::string id = session(before, "kept")->id();
  before.stop();
  auto& after = persistent();
  ASSERT_TRUE(after.find_session(id));
  after.find_session(id)->invalidate();
  EXPECT_FALSE(fs::exists(file(id))) << "it has ended everywhere";
  EXPECT_FALSE(after.find_session(id));
}

TEST_F(StoringManagers, WithoutSaveOnRestartSessionsEnd) {
  auto& manager = persistent({{}, -1, -1, -1, false});
  const std::string id = session(manager, "x")->id();
  manager.stop();
  EXPECT_FALSE(fs::exists(file(id)));
}

TEST_F(StoringManagers, ASessionEndsInTheStore) {
  PersistentManager::Options options;
  options.max_idle_swap = 1;
  options.process_expires_frequency = 1;
  auto& manager = persistent(options);
  const auto made = session(manager, "x");
  made->set_max_inactive_interval(60);
  const std::string id = made->id();
  pass(seconds(2));
  manager.background_process();
  ASSERT_TRUE(fs::exists(file(id)));
  owner_.events.clear();
  pass(seconds(60));
  manager.background_process();
  EXPECT_FALSE(fs::exists(file(id)));
  EXPECT_FALSE(owner_.events.empty()) << "the listeners hear of it";
}

TEST_F(StoringManagers, AnIdThatLeavesTheDirectoryIsNotFound) {
  auto& manager = persistent();
  owner_.work.write("secret.session", "x");
  const LogCapture log;
  EXPECT_FALSE(manager.find_session("../secret"));
  EXPECT_TRUE(log.contains("would leave the directory"));
}

TEST_F(StoringManagers, AStoreThatIsDownIsAskedOnceInAWhile) {
  class Down final : public Store {
   public:
    explicit Down(int& calls) : calls_(calls) {}
    Result<> open(const StorePlace&) override { return {}; }
    Result<std::vector<std::string>> ids() override { return down(); }
    Result<std::vector<std::string>> ids_over_time(std::int64_t) override { return down(); }
    Result<std::optional<StoredSession>> load(std::string_view) override { return down(); }
    Result<> save(const StoredSession&, const LeftOut&) override { return down(); }
    Result<> remove(std::string_view) override { return down(); }
    std::string_view simple_name() const override { return "Down"; }

   private:
    Error down() {
      ++calls_;
      return {Errc::kIo, "connection refused"};
    }
    int& calls_;
  };
  int calls = 0;
  const LogCapture log;
  auto& manager = start(std::make_unique<PersistentManager>(PersistentManager::Options(),
                                                            std::make_unique<Down>(calls), clock_));
  const auto made = session(manager, "here");
  EXPECT_EQ(calls, 0) << "an id that was just drawn is not looked for in the store";
  EXPECT_FALSE(manager.save_and_release(*made));
  EXPECT_FALSE(
      made->note("org.apache.catalina.session.PersistentManagerBase.persistedLastAccessedTime"))
      << "it is still to be copied";
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(manager.find_session("unknown"));
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(manager.find_session(made->id())) << "what is in memory works on";
  pass(seconds(2));
  EXPECT_FALSE(manager.find_session("unknown"));
  EXPECT_FALSE(manager.find_session("unknown"));
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(log.count("connection refused"), 1U) << log.text();
}

}  // namespace
}  // namespace serval::core
