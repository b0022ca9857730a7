#include "cluster/tribes/group/interceptor_stack.h"

#include <gtest/gtest.h>

#include "cluster/tribes/interceptors/message_dispatch_interceptor.h"
#include "cluster/tribes/interceptors/tcp_failure_detector.h"
#include "tests/support/interceptor_bench.h"

namespace serval::tribes {
namespace {

/// Leaves its letter on what passes.
class Marker final : public Interceptor {
 public:
  Marker(std::uint8_t letter, Options flag) : Interceptor(flag), letter_(letter) {}
  Result<> send(const Members& to, ChannelMessage message, Below below) override {
    return below.send(to, mark(std::move(message)));
  }
  Result<> receive(ChannelMessage message, Above above) override {
    return above.receive(mark(std::move(message)));
  }
  std::string_view simple_name() const override { return "Marker"; }

 private:
  ChannelMessage mark(ChannelMessage message) const {
    auto content = std::make_shared<Bytes>(*message.content);
    content->push_back(letter_);
    message.content = std::move(content);
    return message;
  }
  const std::uint8_t letter_;
};

TEST(InterceptorStack, SendsDownAndReceivesUp) {
  InterceptorBench bench(std::make_unique<Marker>('a', 0));
  bench.stack().add(std::make_unique<Marker>('b', 0), bench);
  EXPECT_TRUE(bench.stack().from_top().send({}, InterceptorBench::message(0, {})));
  EXPECT_TRUE(bench.stack().from_bottom().receive(InterceptorBench::message(0, {})));
  EXPECT_EQ(*bench.bottom().sent.front().content, (Bytes{'a', 'b'}));
  EXPECT_EQ(*bench.top().received.front().content, (Bytes{'b', 'a'}));
}

TEST(InterceptorStack, FindsFlagsThatContainEachOther) {
  struct {
    Options first, second;
    bool ok;
  } const rows[] = {{0, 0, true},  {256, 512, true}, {256, 256, false}, {256, 768, false},
                    {2, 0, false}, {7, 0, false},    {256, 0, true},    {264, 520, true}};
  for (const auto& row : rows) {
    InterceptorBench bench(std::make_unique<Marker>('a', row.first));
    bench.stack().add(std::make_unique<Marker>('b', row.second), bench);
    EXPECT_EQ(static_cast<bool>(bench.stack().check_options()), row.ok)
        << row.first << ' ' << row.second;
  }
}

TEST(InterceptorStack, DefaultInterceptorsDoNotConflict) {
  InterceptorBench bench(std::make_unique<MessageDispatchInterceptor>());
  bench.stack().add(std::make_unique<TcpFailureDetector>(), bench);
  EXPECT_TRUE(bench.stack().check_options());
}

class MessageDispatchTest : public ::testing::Test {
 protected:
  MessageDispatchTest() { start({}); }
  void start(const MessageDispatchInterceptor::Options& options) {
    auto dispatch = std::make_unique<MessageDispatchInterceptor>(options);
    dispatch_ = dispatch.get();
    bench_ = std::make_unique<InterceptorBench>(std::move(dispatch));
  }
  Result<> send(Options options, std::size_t size = 10) {
    auto message = InterceptorBench::message(options, Bytes(size));
    message.done = [this](const SendReport& report) {
      done_.push_back(report.ok() ? "ok" : "failed");
    };
    return bench_->stack().from_top().send({InterceptorBench::member(1)}, std::move(message));
  }
  void finish(std::size_t index, SendReport report = {}) {
    bench_->bottom().sent.at(index).done(report);
  }

  std::unique_ptr<InterceptorBench> bench_;
  MessageDispatchInterceptor* dispatch_ = nullptr;
  std::vector<std::string> done_;
};

TEST_F(MessageDispatchTest, AnAsynchronousMessageEndsWhenItIsQueued) {
  EXPECT_TRUE(send(8));
  EXPECT_EQ(done_, std::vector<std::string>{"ok"});
  EXPECT_EQ(dispatch_->queue_size(), 10);
  EXPECT_EQ(bench_->bottom().sent.front().options, 8) << "the bit stays on the wire";
  finish(0, {{{InterceptorBench::member(1), "refused", false}}});
  EXPECT_EQ(dispatch_->queue_size(), 0);
  EXPECT_EQ(done_.size(), 1U) << "what happens later is not the sender's business";
}

TEST_F(MessageDispatchTest, WhoWatchesAnAsynchronousMessageHearsItsEnd) {
  std::vector<std::string> ended;
  auto message = InterceptorBench::message(8, Bytes(10));
  message.watch = std::make_shared<SendWatch>();
  message.watch->id = message.id;
  message.watch->tell = [&](const UniqueId& id, const SendReport& report) {
    EXPECT_EQ(id, bench_->bottom().sent.front().id);
    ended.push_back(report.ok() ? "ok" : report.faulty.front().cause);
  };
  const auto watch = message.watch;
  EXPECT_TRUE(bench_->stack().from_top().send({InterceptorBench::member(1)}, std::move(message)));
  EXPECT_TRUE(watch->let_go);
  EXPECT_TRUE(ended.empty());
  finish(0, {{{InterceptorBench::member(1), "refused", false}}});
  EXPECT_EQ(ended, std::vector<std::string>{"refused"});
}

TEST_F(MessageDispatchTest, OtherMessagesEndWithTheirDelivery) {
  EXPECT_TRUE(send(6));
  EXPECT_TRUE(done_.empty());
  EXPECT_EQ(dispatch_->queue_size(), 0);
  finish(0);
  EXPECT_EQ(done_, std::vector<std::string>{"ok"});
}

TEST_F(MessageDispatchTest, AFullQueueMakesTheSenderWait) {
  start({.max_queue_size = 25});
  EXPECT_TRUE(send(8));
  EXPECT_TRUE(send(8));
  EXPECT_TRUE(send(8));
  EXPECT_EQ(done_.size(), 2U);
  EXPECT_EQ(dispatch_->queue_size(), 20);
  finish(2);
  EXPECT_EQ(done_.size(), 3U);
}

TEST_F(MessageDispatchTest, AFullQueueRefusesIfItShall) {
  start({.always_send = false, .max_queue_size = 25});
  EXPECT_TRUE(send(8, 20));
  const auto refused = send(8);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("limit of [25] bytes"), std::string::npos);
  EXPECT_EQ(bench_->bottom().sent.size(), 1U);
  finish(0);
  EXPECT_TRUE(send(8));
}

TEST_F(MessageDispatchTest, ARefusalBelowIsPassedOn) {
  bench_->bottom().refuse = true;
  EXPECT_FALSE(send(8));
  EXPECT_TRUE(done_.empty());
  EXPECT_EQ(dispatch_->queue_size(), 0);
}

}  // namespace
}  // namespace serval::tribes
