// Feature table 3 and 5: the checklist, and what "send options" promise.
#include <signal.h>

#include <array>

#include "tests/support/cluster_test.h"
#include "tests/support/jmx.h"
#include "tests/support/tcp_connections.h"
#include "tests/support/test_wars.h"

namespace serval::test {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class Basics : public ClusterTest {};

TEST_F(Basics, SeedRow030_FiveEqualNodesFindFivePorts) {
  SERVAL_NEEDS_NAMESPACES("for the ports 4000 to 4004");
  defaults.receiver = 4000;
  defaults.auto_bind = 100;
  defaults.applications = {{"ROOT", built_war("ROOT")}};
  for (int i = 0; i < 5; ++i) {
    const Node &node = start();
    EXPECT_TRUE(node.eventually_logs("bound to:[/127.0.0.1:" + std::to_string(4000 + i) + "]"))
        << node.log_tail();
  }
}

TEST_F(Basics, SeedRow031_WithoutDistributableNothingIsReplicated) {
  applications = [&](Kind kind) {
    return Applications{{"loc", demo_war_with(kind, directory() / "loc.war", "/s", false)},
                        {"rep", demo_war_with(kind, directory() / "rep.war", "/s", true)},
                        manager_application()};
  };
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser local, replicated;
  local.path = "/loc/s";
  replicated.path = "/rep/s";
  ASSERT_TRUE(local.set(a, "x", "1"));
  ASSERT_TRUE(replicated.set(a, "x", "1"));
  EXPECT_EQ(replicated.peek(b, "x"), "1");
  EXPECT_EQ(local.peek(b, "x"), "no session");
  EXPECT_EQ(local.peek(a, "x"), "1");
  for (const Node *node : {&a, &b}) {
    EXPECT_FALSE(node->logged("manager [localhost#/loc]")) << node->log_tail();
    EXPECT_EQ(Jmx(*node).get("Catalina:type=Manager,host=localhost,context=/loc", "className"),
              "org.apache.catalina.session.StandardManager");
  }
}

TEST_F(Basics, SeedRow046_SynchronousMeansAppliedOnThePeerBeforeTheAnswer) {
  defaults.send_options = "6";
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  for (int i = 0; i < 1000; ++i) {
    const std::string value = std::to_string(i);
    ASSERT_TRUE(user.set(a, "x", value));
    ASSERT_EQ(user.peek(b, "x"), value) << i;
  }
}

TEST_F(Basics, SeedRow046_SynchronousWaitsForAStoppedPeerUntilTheTimeout) {
  defaults.send_options = "6";
  defaults.drop_time = 20000;
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "0"));
  b.signal(SIGSTOP);
  const auto before = steady_clock::now();
  user.set(a, "x", "1");
  EXPECT_GT(steady_clock::now() - before, milliseconds(2000));  // the sender's timeout is 3000 ms
  b.signal(SIGCONT);
}

TEST_F(Basics, SeedRow046_AsynchronousAnswersAtOnce) {
  defaults.send_options = "8";
  // Asked before it has the change, a Tomcat would rename the session and not know the change's id.
  defaults.binder = false;
  defaults.drop_time = 20000;
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  b.signal(SIGSTOP);
  const auto before = steady_clock::now();
  ASSERT_TRUE(user.set(a, "x", "1"));
  EXPECT_LT(steady_clock::now() - before, milliseconds(1500));
  b.signal(SIGCONT);
  EXPECT_TRUE(user.eventually_gets(b, "x", "1"));
}

TEST_F(Basics, SeedRow095_AnAsynchronousAnswerWaitsOnlyForItsSystem) {
  defaults.send_options = "8";
  // Asked before it has the change, a Tomcat would rename the session and not know the change's id.
  defaults.binder = false;
  defaults.drop_time = 20000;
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "0"));
  ASSERT_TRUE(user.eventually_gets(b, "x", "0"));
  b.signal(SIGSTOP);
  const std::string value(5000, 'v');
  ASSERT_TRUE(user.set(a, "x", value));
  // The answer is there; the change lies in the queue of a socket of the node that is stopped.
  EXPECT_TRUE(eventually([&] { return waiting_bytes(b.options().receiver) > 5000; }));
  b.signal(SIGCONT);
  EXPECT_TRUE(user.eventually_gets(b, "x", user.peek(a, "x")));
}

TEST_F(Basics, SeedRow048_SendOptionsMayBeWords) {
  // "sync, use_ack" is 6, which waits; "async" is 8, which does not.
  struct Case {
    const char *words;
    bool waits;
  };
  for (const Case &c : {Case{"synchronized_ack, use_ack", true}, Case{"asynchronous", false}}) {
    SCOPED_TRACE(c.words);
    defaults.send_options = c.words;
    defaults.binder = false;  // see above
    defaults.drop_time = 20000;
    Node &a = start(), &b = start();
    expect_members(a, b);
    DemoUser user;
    ASSERT_TRUE(user.set(a, "x", "0"));
    ASSERT_TRUE(user.eventually_gets(b, "x", "0"));
    b.signal(SIGSTOP);
    const auto before = steady_clock::now();
    user.set(a, "x", "1");
    EXPECT_EQ(steady_clock::now() - before > milliseconds(2000), c.waits);
    b.signal(SIGCONT);
    a.stop();
    b.stop();
  }
}

TEST_F(Basics, SeedRow049_SendOptionsAreANumberFromTheStartOn) {
  applications = demo_and_manager;
  defaults.binder = false;  // see above
  defaults.drop_time = 20000;
  const std::string cluster = "Catalina:type=Cluster";
  for (const auto &[words, number, name] :
       {std::array{"synchronized_ack, use_ack", "6", "sync, use_ack"},
        std::array{"6", "6", "sync, use_ack"}}) {
    SCOPED_TRACE(words);
    defaults.send_options = words;
    Node &a = start(), &b = start();
    expect_members(a, b);
    for (const Node *node : {&a, &b}) {
      Jmx jmx(*node);
      EXPECT_EQ(jmx.get(cluster, "channelSendOptions"), number);
      EXPECT_EQ(jmx.get(cluster, "channelSendOptionsName"), name);
    }
    DemoUser user;
    ASSERT_TRUE(user.set(a, "x", "0"));
    ASSERT_TRUE(user.eventually_gets(b, "x", "0"));
    // The number is what a message is sent with, from the next one on.
    EXPECT_EQ(Jmx(a).set(cluster, "channelSendOptions", "8"), "OK - Attribute set");
    EXPECT_EQ(Jmx(a).get(cluster, "channelSendOptionsName"), "async");
    b.signal(SIGSTOP);
    const auto before = steady_clock::now();
    user.set(a, "x", "1");
    EXPECT_LT(steady_clock::now() - before, milliseconds(2000));
    b.signal(SIGCONT);
    EXPECT_TRUE(user.eventually_gets(b, "x", "1"));
    a.stop();
    b.stop();
  }
}

TEST_F(Basics, SeedRow048_AnUnknownSendOptionIsAWarningAndTheDefaultStays) {
  defaults.send_options = "asinc";
  Node &a = start(), &b = start();
  expect_members(a, b);
  EXPECT_TRUE(a.eventually_logs("asinc")) << a.log_tail();
  b.signal(SIGSTOP);
  DemoUser user;
  const auto before = steady_clock::now();
  ASSERT_TRUE(user.set(a, "x", "1"));
  EXPECT_LT(steady_clock::now() - before, milliseconds(1500));
  b.signal(SIGCONT);
}

}  // namespace serval::test
