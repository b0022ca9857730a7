// Messages between a channel of ours and one of a real Tomcat, without what changes them.
#include "tests/interop/tribes_pair.h"

namespace serval::tribes {
namespace {

class TribesMessages : public TribesPair {};
SERVAL_BOTH_TOMCATS(TribesMessages);

TEST_P(TribesMessages, AnySizePassesBothWays) {
  start({"TcpFailureDetector", "MessageDispatchInterceptor"});
  exchange({0, 1, 8, 1000, 65536, 8 << 20});
}

TEST_P(TribesMessages, EveryOptionArrivesAsItWasSent) {
  start({"MessageDispatchInterceptor"});
  for (const Options options : {0, 2, 6, 8, 10, 512 + 6}) our->send(options, 10, 7);
  ASSERT_TRUE(peer->eventually_receives(6));
  std::vector<Options> seen;
  for (const auto& message : peer->received()) seen.push_back(message.options & ~1);
  std::ranges::sort(seen);
  EXPECT_EQ(seen, (std::vector<Options>{0, 2, 6, 8, 10, 518}));
}

TEST_P(TribesMessages, AJavaObjectArrivesAsItsStream) {
  start({"MessageDispatchInterceptor"});
  peer->send("all", 6, 100, 5, 1, true);
  ASSERT_TRUE(our->eventually_receives(1));
  const Received message = our->received().front();
  EXPECT_TRUE(message.is_object);
  const Bytes expected = serval::test::peer_content(100, 5);
  EXPECT_TRUE(std::ranges::equal(std::span(*message.content).last(100), expected));
}

TEST_P(TribesMessages, AFailedListenerIsAFaultyMember) {
  start({"MessageDispatchInterceptor"});
  EXPECT_TRUE(peer->ask("refuse on").ok);
  const auto report = our->channel().send_and_wait(our->channel().members(),
                                                   std::make_shared<const Bytes>(Bytes{1}), 7);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->faulty.size(), 1U);
  EXPECT_TRUE(report->faulty.front().remote_process);
}

TEST_P(TribesMessages, TheEndOfAChannelIsNoticed) {
  start({"MessageDispatchInterceptor"});
  const int port = our->port();
  our->channel().stop(level::kAll);
  EXPECT_TRUE(eventually([&] { return !peer->events("gone " + std::to_string(port)).empty(); }));
  peer->stop();
}

}  // namespace
}  // namespace serval::tribes
