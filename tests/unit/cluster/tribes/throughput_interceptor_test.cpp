#include "cluster/tribes/interceptors/throughput_interceptor.h"

#include <gtest/gtest.h>

#include "cluster/tribes/transport/channel_data.h"
#include "tests/support/interceptor_bench.h"
#include "tests/support/log_capture.h"

namespace serval::tribes {
namespace {

using serval::test::LogCapture;

class ThroughputInterceptorTest : public ::testing::Test {
 protected:
  void start(const ThroughputInterceptor::Options& options) {
    auto throughput = std::make_unique<ThroughputInterceptor>(options);
    throughput_ = throughput.get();
    bench_ = std::make_unique<InterceptorBench>(std::move(throughput));
  }
  Result<> send(std::size_t destinations, std::size_t size) {
    return bench_->stack().from_top().send(Members(destinations, InterceptorBench::member(1)),
                                           InterceptorBench::message(6, Bytes(size)));
  }
  void finish(std::size_t index, const SendReport& report = {}) {
    bench_->bottom().sent.at(index).done(report);
  }
  ThroughputInterceptor::Figures figures() const { return throughput_->figures(); }

  std::unique_ptr<InterceptorBench> bench_;
  ThroughputInterceptor* throughput_ = nullptr;
};

TEST_F(ThroughputInterceptorTest, CountsWholeFrames) {
  start({});
  ASSERT_TRUE(send(2, 1000));
  const double frame =
      static_cast<double>(encode_frame_bytes(bench_->bottom().sent.front()).size()) / 1048576;
  EXPECT_EQ(figures().msg_tx_cnt, 0) << "not yet sent";
  bench_->time.advance(std::chrono::milliseconds(250));
  finish(0);
  EXPECT_EQ(figures().msg_tx_cnt, 1);
  EXPECT_DOUBLE_EQ(figures().mb_app_tx, frame);
  EXPECT_DOUBLE_EQ(figures().mb_tx, 2 * frame);
  EXPECT_DOUBLE_EQ(figures().time_tx, 0.25);
  EXPECT_EQ(figures().tx_start, serval::test::ManualClock::kStartMs);

  ASSERT_TRUE(bench_->stack().from_bottom().receive(InterceptorBench::message(6, Bytes(1000))));
  EXPECT_EQ(figures().msg_rx_cnt, 1);
  EXPECT_DOUBLE_EQ(figures().mb_rx, frame);
  EXPECT_EQ(figures().rx_start, serval::test::ManualClock::kStartMs + 250);
  EXPECT_EQ(bench_->top().received.size(), 1U);
}

TEST_F(ThroughputInterceptorTest, MeasuresTimeWithAnythingUnderWay) {
  start({});
  ASSERT_TRUE(send(1, 1));
  bench_->time.advance(std::chrono::seconds(1));
  ASSERT_TRUE(send(1, 1));
  bench_->time.advance(std::chrono::seconds(1));
  finish(0);
  bench_->time.advance(std::chrono::seconds(1));
  finish(1);
  bench_->time.advance(std::chrono::seconds(10));
  EXPECT_DOUBLE_EQ(figures().time_tx, 3);
}

TEST_F(ThroughputInterceptorTest, CountsFailures) {
  start({});
  ASSERT_TRUE(send(1, 1));
  finish(0, {{{InterceptorBench::member(1), "refused", false}}});
  bench_->bottom().refuse = true;
  EXPECT_FALSE(send(1, 1));
  EXPECT_EQ(figures().msg_tx_err, 2);
  EXPECT_EQ(figures().msg_tx_cnt, 0);
  EXPECT_EQ(figures().mb_tx, 0);
}

TEST_F(ThroughputInterceptorTest, SeedRow075_ReportsAfterEveryInterval) {
  start({.interval = 10});
  const LogCapture log;
  for (std::size_t i = 0; i < 25; ++i) {
    ASSERT_TRUE(send(1, 1));
    finish(i);
  }
  EXPECT_EQ(log.count("ThroughputInterceptor Report["), 2U);
  EXPECT_EQ(figures().last_cnt, 2);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(bench_->stack().from_bottom().receive(InterceptorBench::message(6)));
  }
  EXPECT_EQ(log.count("ThroughputInterceptor Report["), 4U);
  EXPECT_TRUE(log.contains("Rx Msg:20 messages")) << log.text();
}

}  // namespace
}  // namespace serval::tribes
