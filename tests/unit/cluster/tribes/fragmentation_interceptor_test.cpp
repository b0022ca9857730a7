#include "cluster/tribes/interceptors/fragmentation_interceptor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "cluster/tribes/fields.h"
#include "cluster/tribes/transport/member_probe.h"
#include "tests/support/interceptor_bench.h"
#include "tests/support/log_capture.h"
#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::test::LogCapture;
using serval::testing::to_hex;
using serval::testing::vector_of;

constexpr std::string_view kFox = "The quick brown fox jumps over the lazy dog";
Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

class FragmentationTest : public ::testing::Test {
 protected:
  FragmentationTest() { start({}); }
  void start(const FragmentationInterceptor::Options& options) {
    auto interceptor = std::make_unique<FragmentationInterceptor>(options);
    fragmentation_ = interceptor.get();
    bench_ = std::make_unique<InterceptorBench>(std::move(interceptor));
  }
  const std::vector<ChannelMessage>& sent(Bytes content, Options options = 8) {
    auto message = InterceptorBench::message(options, std::move(content));
    message.id.fill(7);
    message.order_key = 5;
    message.done = [this](const SendReport& report) { reports_.push_back(report); };
    EXPECT_TRUE(bench_->stack().from_top().send({to_}, std::move(message)));
    return bench_->bottom().sent;
  }
  void receive(Bytes content, std::uint8_t id = 7, std::uint8_t sender = 99) {
    auto message = InterceptorBench::message(8, std::move(content));
    message.id.fill(id);
    message.address = InterceptorBench::member(sender);
    EXPECT_TRUE(bench_->stack().from_bottom().receive(std::move(message)));
  }
  static Bytes part(std::string_view data, std::int32_t index, std::int32_t count) {
    Bytes content = bytes(data);
    append_big_endian(content, index);
    append_big_endian(content, count);
    content.push_back(1);
    return content;
  }
  std::vector<ChannelMessage>& received() { return bench_->top().received; }
  void heartbeat() { bench_->stack().from_top().heartbeat(); }

  const MemberPtr to_ = InterceptorBench::member(1);
  std::vector<SendReport> reports_;
  std::unique_ptr<InterceptorBench> bench_;
  FragmentationInterceptor* fragmentation_ = nullptr;
};

TEST_F(FragmentationTest, WritesAndReadsTheVectors) {
  start({.max_size = 20});
  const auto& parts = sent(bytes(kFox));
  ASSERT_EQ(parts.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const Bytes vector = vector_of("both/frag-" + std::to_string(i)).bytes;
    EXPECT_EQ(to_hex(*parts[i].content), to_hex(vector));
    EXPECT_EQ(parts[i].id, parts[0].id);
    EXPECT_EQ(parts[i].options, 8);
    EXPECT_EQ(parts[i].order_key, 5U);
    receive(vector);
  }
  ASSERT_EQ(received().size(), 1U);
  EXPECT_EQ(*received().front().content, bytes(kFox));
  EXPECT_EQ(fragmentation_->waiting_bytes(), 0U);
}

TEST_F(FragmentationTest, EveryMessageHasATrailer) {
  const Bytes vector = vector_of("both/frag-none").bytes;
  EXPECT_EQ(to_hex(*sent(bytes(kFox)).front().content), to_hex(vector));
  receive(vector);
  EXPECT_EQ(*received().front().content, bytes(kFox));
  receive({0});
  EXPECT_TRUE(received().back().content->empty());
}

TEST_F(FragmentationTest, SplitsOnlyAboveMaxSizeAndForItsFlag) {
  start({.max_size = 4, .option_flag = 256});
  EXPECT_EQ(sent(Bytes(100), 8).size(), 1U);
  EXPECT_EQ(sent(Bytes(4), 264).size(), 2U);
  EXPECT_EQ(sent(Bytes(5), 264).size(), 4U);
}

TEST_F(FragmentationTest, EndsWhenEveryPartHasEnded) {
  start({.max_size = 20});
  const auto& parts = sent(bytes(kFox));
  parts[1].done({{{to_, "refused", false}}});
  parts[0].done({});
  EXPECT_TRUE(reports_.empty());
  parts[2].done({{{to_, "again", false}}});
  ASSERT_EQ(reports_.size(), 1U);
  ASSERT_EQ(reports_.front().faulty.size(), 1U);
  EXPECT_EQ(reports_.front().faulty.front().cause, "refused");
}

TEST_F(FragmentationTest, ARefusalBelowIsAFault) {
  start({.max_size = 20});
  bench_->bottom().refuse = true;
  sent(bytes(kFox));
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_EQ(reports_.front().faulty.size(), 1U);
}

TEST_F(FragmentationTest, PartsComeInAnyOrderAndTwice) {
  std::mt19937 random(1);
  for (std::uint8_t round = 0; round < 50; ++round) {
    std::vector<Bytes> parts;
    std::string whole;
    for (int i = 0; i < 10; ++i) {
      const std::string data(random() % 5, static_cast<char>('a' + i));
      whole += data;
      parts.push_back(part(data, i, 10));
    }
    for (int i = 0; i < 5; ++i) parts.push_back(parts[random() % 10]);
    std::ranges::shuffle(parts, random);
    for (const Bytes& one : parts) receive(one, round);
    ASSERT_EQ(received().size(), round + 1U);
    EXPECT_EQ(*received().back().content, bytes(whole));
  }
}

TEST_F(FragmentationTest, MessagesAndSendersDoNotMix) {
  receive(part("a", 0, 2), 1, 10);
  receive(part("b", 0, 2), 2, 10);
  receive(part("c", 0, 2), 1, 11);
  receive(part("d", 1, 2), 1, 10);
  ASSERT_EQ(received().size(), 1U);
  EXPECT_EQ(*received().front().content, bytes("ad"));
}

TEST_F(FragmentationTest, DropsPartsThatMakeNoSense) {
  const LogCapture log;
  for (const auto& [index, count] : {std::pair{0, 0}, {-1, 2}, {2, 2}, {0, -5}, {7, 3}}) {
    receive(part("data", index, count));
  }
  receive({1});
  receive({});
  receive({0, 0, 0, 1});
  EXPECT_EQ(fragmentation_->dropped(), 8U);
  receive(part("a", 0, 2), 3);
  receive(part("b", 1, 3), 3);
  EXPECT_EQ(fragmentation_->dropped(), 9U);
  EXPECT_TRUE(received().empty());
  EXPECT_EQ(fragmentation_->waiting_bytes(), 0U);
}

TEST_F(FragmentationTest, MemoryIsBoundedAndTheAttributeNamed) {
  start({.max_waiting_size = 10'000});
  const LogCapture log;
  for (std::uint8_t id = 0; id < 100; ++id) {
    receive(part(std::string(1000, 'x'), 0, 2), id);
    EXPECT_LE(fragmentation_->waiting_bytes(), 10'000U);
  }
  EXPECT_TRUE(log.contains("maxWaitingSize is [10000]")) << log.text();
  EXPECT_GT(fragmentation_->dropped(), 90U);
  receive(part("end", 1, 2), 0);
  EXPECT_EQ(received().size(), 1U) << "what was there first is not harmed";
  receive(part("a", 0, 0x7FFFFFFF), 200);
  EXPECT_LE(fragmentation_->waiting_bytes(), 10'000U);
}

TEST_F(FragmentationTest, IncompleteMessagesExpire) {
  start({.expire = std::chrono::seconds(60)});
  const LogCapture log;
  receive(part("a", 0, 2), 1);
  bench_->time.advance(std::chrono::seconds(30));
  receive(part("b", 0, 2), 2);
  bench_->time.advance(std::chrono::seconds(30));
  heartbeat();
  EXPECT_FALSE(log.contains("Fragments are missing")) << "60 s are not more than 60 s";
  bench_->time.advance(std::chrono::seconds(1));
  heartbeat();
  EXPECT_TRUE(log.contains("[1] messages were dropped after expire [60000] ms")) << log.text();
  receive(part("c", 1, 2), 1);
  receive(part("d", 1, 2), 2);
  ASSERT_EQ(received().size(), 1U);
  EXPECT_EQ(*received().front().content, bytes("bd"));
  EXPECT_EQ(bench_->bottom().heartbeats, 2);
}

TEST_F(FragmentationTest, AMemberTakesItsPartsAlong) {
  receive(part("a", 0, 2), 1, 10);
  bench_->stack().from_bottom().member_disappeared(InterceptorBench::member(10));
  EXPECT_EQ(fragmentation_->waiting_bytes(), 0U);
  EXPECT_EQ(bench_->top().events, std::vector<std::string>{"-10"});
}

TEST_F(FragmentationTest, AProbePassesAsItIs) {
  const Bytes probe(probe_content().begin(), probe_content().end());
  receive(probe);
  ASSERT_EQ(received().size(), 1U);
  EXPECT_EQ(*received().front().content, probe);
}

TEST_F(FragmentationTest, RefusesToSplitIntoNothing) {
  start({.max_size = 0});
  const auto started = bench_->stack().start(15);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("maxSize [0]"), std::string::npos);
}

}  // namespace
}  // namespace serval::tribes
