// A node that is told to stop under load leaves without a request lost, an error or a session less,
// for users that a balancer sends on to another node when theirs refuses them.
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <ranges>
#include <regex>
#include <thread>

#include "tests/e2e/faults/crowd.h"
#include "tests/e2e/pairs.h"
#include "tests/support/cluster_test.h"
#include "tests/support/node_group.h"
#include "tests/support/seed.h"

namespace serval::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// Who stays when a Serval node leaves.
std::vector<Mix> stories() {
#ifdef SERVAL_WITH_TOMCAT
  return {{{Kind::kTomcat9}, "delta", "8"},
          {{Kind::kTomcat10}, "delta", "6"},
          {{Kind::kTomcat10, Kind::kTomcat10}, "backup", "6"}};
#else
  return {{{Kind::kServal}, "delta", "8"},
          {{Kind::kServal}, "delta", "6"},
          {{Kind::kServal, Kind::kServal}, "backup", "8"},
          {{Kind::kServal, Kind::kServal}, "backup", "6"}};
#endif
}

}  // namespace

class LeaveTest : public ClusterTest {
 protected:
  /// A new node, started as the next one of `nodes`.
  Node& join(Kind kind) {
    Node& node = add(kind);
    nodes.add(node);
    nodes.start(nodes.size() - 1);
    return node;
  }
  NodeGroup nodes;  // those that stay and, where it is added, the one that leaves
};

class Leave : public LeaveTest, public ::testing::WithParamInterface<Mix> {
 protected:
  void SetUp() override {
    LeaveTest::SetUp();
    use_manager_of(GetParam(), defaults);
    for (const Kind kind : GetParam().kinds) others.push_back(&join(kind));
  }
  bool is_asynchronous() const { return GetParam().options == "8"; }
  std::vector<Node*> others;
};

TEST_P(Leave, NoRequestAndNoSessionIsLostWhenANodeLeavesUnderLoad) {
  const auto times = serval::testing::environment_number("SERVAL_LEAVES", 1);
  Node& leaving = add(Kind::kServal);
  nodes.add(leaving);
  Tally all;
  milliseconds longest{0};
  std::uint64_t rounds = 0;
  for (; rounds < times && !HasFailure(); ++rounds) {
    nodes.start(others.size());
    ASSERT_TRUE(nodes.settle());
    Crowd::Options users;
    users.patience = seconds(10);
    users.seed = rounds * 100;
    users.nodes.push_back({leaving.http(), {}});
    for (const Node* node : others) users.nodes.push_back({node->http(), {}});
    Load load(4, users);
    EXPECT_TRUE(load.goes_on(1500));
    const auto told = steady_clock::now();
    nodes.stop(others.size());
    longest = std::max(longest, std::chrono::ceil<milliseconds>(steady_clock::now() - told));
    EXPECT_TRUE(load.goes_on(500));
    load.stop();
    load.verify({users.nodes.back()}, is_asynchronous() ? seconds(5) : seconds(0));
    all += load.tally();
  }
  print_row("SIGTERM", GetParam().manager, GetParam().options, rounds, all);
  fmt::print("  at most {} ms to leave\n", longest.count());
  EXPECT_EQ(all.errors + all.lost + all.silent, 0u) << all.example;
  // Answers of options 8 do not wait: a user may be elsewhere before his last change is. And real
  // Tomcats take up the messages of one connection side by side.
  if (!is_asynchronous() || others.front()->kind() == Kind::kServal) {
    EXPECT_EQ(all.missing + all.revived, 0u) << all.example;
  }
  if (!is_asynchronous()) {
    EXPECT_EQ(all.stale + all.late, 0u) << all.example;
  }
  EXPECT_EQ(leaving.times_logged(" SEVERE "), 0u) << leaving.log();
  // A block of sessions that a busy node acknowledged too late is sent again.
  const auto expected = leaving.times_logged("requesting session state") +
                        leaving.times_logged("of the state transfer is known already, replaced");
  EXPECT_EQ(leaving.times_logged(" WARNING "), expected) << leaving.log();
}

#ifndef SERVAL_WITH_TOMCAT
/// The lines of a log that hold one of the steps of a leave, in their order.
std::vector<std::string> steps_of(const std::string& log) {
  static const std::regex step(
      "takes no more requests|has answered all requests|are handed over|all messages have arrived|"
      "has left, with a goodbye to|Server stopped in");
  std::vector<std::string> found;
  for (std::sregex_iterator it(log.begin(), log.end(), step), end; it != end; ++it) {
    found.push_back(it->str());
  }
  return found;
}

TEST_P(Leave, TheStepsStandInTheLogInTheirOrder) {
  Node& leaving = start(Kind::kServal);
  ASSERT_TRUE(leaving.eventually_logs("Replication member added:"));
  DemoUser user;
  ASSERT_TRUE(user.set(leaving, "x", "1"));
  leaving.stop();
  std::vector<std::string> expected{"takes no more requests", "has answered all requests"};
  if (GetParam().manager == "backup") expected.emplace_back("are handed over");
  expected.insert(expected.end(), {"all messages have arrived", "has left, with a goodbye to",
                                   "Server stopped in"});
  EXPECT_EQ(steps_of(leaving.log()), expected) << leaving.log();
  EXPECT_TRUE(user.eventually_gets(*others.front(), "x", "1"));
  for (const Node* node : others) {  // it did not wait for a time-out
    EXPECT_TRUE(node->eventually_logs("member disappeared:", seconds(1))) << node->log_tail();
  }
}

class LeaveAlone : public ClusterTest {
 protected:
  /// A connection with half a request on it: the node waits for the rest.
  int begin_request(const Node& node) {
    const int connection = connect_to(node.http());
    const std::string_view half = "GET /demo/s?op=set&k=x&v=1 HTTP/1.1\r\nHost: loc";
    EXPECT_EQ(::send(connection, half.data(), half.size(), 0), std::ssize(half));
    return connection;
  }
};

TEST_F(LeaveAlone, ARequestThatHasBegunIsServedToItsEnd) {
  Node &leaving = start(), &other = start();
  expect_members(leaving, other);
  const int connection = begin_request(leaving);
  std::thread stopping([&] { leaving.stop(); });
  EXPECT_TRUE(leaving.eventually_logs("takes no more requests"));
  EXPECT_TRUE(eventually([&] { return !is_open(leaving.http()); }));
  const std::string_view rest = "alhost\r\n\r\n";
  EXPECT_EQ(::send(connection, rest.data(), rest.size(), 0), std::ssize(rest));
  char bytes[4096];
  std::string answer;
  for (ssize_t size = 0; (size = ::recv(connection, bytes, sizeof bytes, 0)) > 0;)
    answer.append(bytes, static_cast<std::size_t>(size));
  ::close(connection);
  stopping.join();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << answer;
  const std::size_t id = answer.find("JSESSIONID=") + 11;
  DemoUser user;
  user.browser.set_cookie("JSESSIONID", "/demo", answer.substr(id, answer.find(';', id) - id));
  EXPECT_EQ(user.peek(other, "x"), "1");
}

TEST_F(LeaveAlone, WhoeverAsksTwiceDoesNotWait) {
  Node& leaving = start();
  const int connection = begin_request(leaving);
  leaving.signal(SIGTERM);
  leaving.signal(SIGTERM);  // within a second it is the same one
  EXPECT_TRUE(leaving.eventually_logs("takes no more requests"));
  EXPECT_TRUE(holds_for(milliseconds(1100), [&] { return leaving.is_running(); }));
  leaving.signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return !leaving.is_running(); }, seconds(2)));
  EXPECT_TRUE(leaving.logged("Told to stop once more: the server ends without waiting"));
  ::close(connection);
}
#else
class LeaveAmongOthers : public LeaveTest {
 protected:
  void SetUp() override {
    LeaveTest::SetUp();
    use_manager_of({{}, "backup", "6"}, defaults);
  }
};

/// A Tomcat asks the backup node alone, and makes a new session if that is gone.
TEST_F(LeaveAmongOthers, ATomcatFindsAtOnceWhatHadItsBackupOnTheNodeThatLeft) {
  Node &owner = join(Kind::kServal), &tomcat = join(Kind::kTomcat10);
  join(Kind::kServal);
  ASSERT_TRUE(nodes.settle());
  std::vector<DemoUser> users(3000);
  for (DemoUser& user : users) ASSERT_TRUE(user.set(owner, "x", "1"));
  nodes.stop(2);
  for (DemoUser& user : users) ASSERT_EQ(user.peek(tomcat, "x"), "1") << owner.log_tail();
}

/// A Tomcat that stores a session chooses its backup first, and looks at what it has stored when a
/// member leaves: what it chose the leaving node for meanwhile would never get another backup.
TEST_F(LeaveAmongOthers, WhatATomcatStoresMeanwhileHasItsBackupElsewhere) {
  Node &tomcat = join(Kind::kTomcat10), &other = join(Kind::kTomcat10);
  join(Kind::kServal);
  ASSERT_TRUE(nodes.settle());
  std::size_t stored = 0;
  const auto times = serval::testing::environment_number("SERVAL_LEAVES", 5);
  for (std::uint64_t round = 1; round <= times; ++round) {
    std::atomic<bool> has_left = false;
    using Users = std::vector<DemoUser>;
    std::vector<Users> users(8);
    std::vector<std::thread> threads;
    for (Users& of_one : users) {
      threads.emplace_back([&] {
        while (!has_left) EXPECT_TRUE(of_one.emplace_back().set(tomcat, "x", "1"));
      });
    }
    nodes.stop(2);
    has_left = true;
    for (std::thread& one : threads) one.join();
    for (DemoUser& user : users | std::views::join) {
      ++stored;
      EXPECT_EQ(user.peek(other, "x"), "1") << "leave " << round << tomcat.log_tail();
      user.ask(tomcat, "op=inv");  // so that the Tomcat has few to look at
    }
    nodes.start(2);
    ASSERT_TRUE(nodes.settle());
  }
  EXPECT_GT(stored, 10 * times);
}
#endif

INSTANTIATE_TEST_SUITE_P(, Leave, ::testing::ValuesIn(stories()),
                         [](const auto& one) { return ::testing::PrintToString(one.param); });

}  // namespace serval::test
