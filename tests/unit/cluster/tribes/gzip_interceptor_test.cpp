#include "cluster/tribes/interceptors/gzip_interceptor.h"

#include <gtest/gtest.h>

#include "cluster/tribes/interceptors/gzip.h"
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

TEST(Gzip, WritesAndReadsTheVectors) {
  struct {
    const char* name;
    Bytes plain;
  } const rows[] = {{"both/gzip-empty", {}},
                    {"both/gzip-message", bytes(kFox)},
                    {"both/gzip-5000x", Bytes(5000, 'x')}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Bytes packed = vector_of(row.name).bytes;
    EXPECT_EQ(to_hex(gzip(row.plain)), to_hex(packed));
    EXPECT_EQ(gunzip(packed, 5000).value(), row.plain);
  }
}

TEST(Gzip, RefusesWhatIsNoWholeGzip) {
  const Bytes good = gzip(bytes(kFox));
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    EXPECT_FALSE(gunzip(std::span(good).first(cut), 1000)) << cut;
  }
  for (std::size_t i = 10; i < good.size(); ++i) {
    Bytes wrong = good;
    wrong[i] ^= 0xFF;
    const auto plain = gunzip(wrong, 1000);
    EXPECT_FALSE(plain) << i;
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(gunzip(longer, 1000));
}

TEST(Gzip, StopsAtTheLimit) {
  const Bytes bomb = gzip(Bytes(10'000'000, 'x'));
  ASSERT_LT(bomb.size(), 20000U);
  const auto plain = gunzip(bomb, 9'999'999);
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().code, Errc::kInvalidArgument);
  EXPECT_EQ(gunzip(bomb, 10'000'000)->size(), 10'000'000U);
}

class GzipInterceptorTest : public ::testing::Test {
 protected:
  void start(const GzipInterceptor::Options& options) {
    auto gzip_interceptor = std::make_unique<GzipInterceptor>(options);
    gzip_ = gzip_interceptor.get();
    bench_ = std::make_unique<InterceptorBench>(std::move(gzip_interceptor));
  }
  const ChannelMessage& sent(Options options, Bytes content) {
    EXPECT_TRUE(bench_->stack().from_top().send(
        {}, InterceptorBench::message(options, std::move(content))));
    return bench_->bottom().sent.back();
  }
  std::size_t received(Options options, Bytes content) {
    EXPECT_TRUE(bench_->stack().from_bottom().receive(
        InterceptorBench::message(options, std::move(content))));
    return bench_->top().received.size();
  }
  std::unique_ptr<InterceptorBench> bench_;
  GzipInterceptor* gzip_ = nullptr;
};

TEST_F(GzipInterceptorTest, CompressesAndMarks) {
  start({});
  const ChannelMessage& message = sent(8, bytes(kFox));
  EXPECT_EQ(to_hex(*message.content), to_hex(vector_of("both/gzip-message").bytes));
  EXPECT_EQ(message.options, 264);
  EXPECT_EQ(received(message.options, *message.content), 1U);
  EXPECT_EQ(*bench_->top().received.front().content, bytes(kFox));
  EXPECT_EQ(bench_->top().received.front().options, 264) << "the mark stays";
}

TEST_F(GzipInterceptorTest, LeavesSmallMessagesAlone) {
  start({.compression_min_size = 100, .option_flag = 512});
  EXPECT_EQ(to_hex(*sent(8, bytes(kFox)).content), to_hex(vector_of("both/gzip-below-min").bytes));
  EXPECT_EQ(bench_->bottom().sent.back().options, 8);
  EXPECT_EQ(to_hex(*sent(8, Bytes(5000, 'x')).content),
            to_hex(vector_of("both/gzip-above-min").bytes));
  EXPECT_EQ(bench_->bottom().sent.back().options, 520);
  EXPECT_EQ(sent(8, Bytes(100, 'x')).options, 8) << "the limit itself is small";
  received(8, bytes(kFox));
  EXPECT_EQ(*bench_->top().received.front().content, bytes(kFox));
}

TEST_F(GzipInterceptorTest, AMarkedMessageIsCompressedWhateverItsSize) {
  start({.compression_min_size = 100});
  EXPECT_EQ(*sent(0x100, {1, 2, 3}).content, gzip(Bytes{1, 2, 3}));
}

TEST_F(GzipInterceptorTest, DropsABombAndNamesTheAttribute) {
  start({.max_inflated_size = 1000});
  const LogCapture log;
  EXPECT_EQ(received(0x100, gzip(Bytes(1001, 'x'))), 0U);
  EXPECT_TRUE(log.contains("more than maxInflatedSize [1000] bytes")) << log.text();
  EXPECT_EQ(received(0x100, bytes("no gzip")), 0U);
  EXPECT_EQ(received(0x100, gzip(Bytes(1000, 'x'))), 1U);
  EXPECT_EQ(gzip_->dropped(), 2U);
}

TEST_F(GzipInterceptorTest, CountsAsTomcatDoes) {
  start({.compression_min_size = 100, .stats_enabled = true, .interval = 4});
  const LogCapture log;
  sent(8, Bytes(5000, 'x'));
  sent(8, Bytes(50));
  received(0x100, gzip(Bytes(5000, 'x')));
  EXPECT_FALSE(log.contains("GZip Interceptor Report"));
  received(8, Bytes(60));
  EXPECT_TRUE(log.contains("Total Messages: 4")) << log.text();
  const auto f = gzip_->figures();
  EXPECT_EQ(f.count, 4);
  EXPECT_EQ(f.count_compressed_tx, 1);
  EXPECT_EQ(f.count_uncompressed_tx, 1);
  EXPECT_EQ(f.count_compressed_rx, 1);
  EXPECT_EQ(f.count_uncompressed_rx, 1);
  EXPECT_EQ(f.size_tx, 5050);
  EXPECT_EQ(f.compressed_size_tx, 40);
  EXPECT_EQ(f.uncompressed_size_tx, 50);
  EXPECT_EQ(f.size_rx, 5060);
  EXPECT_EQ(f.compressed_size_rx, 40);
  EXPECT_EQ(f.uncompressed_size_rx, 60);
  gzip_->reset();
  EXPECT_EQ(gzip_->figures().size_tx + gzip_->figures().count, 0);
}

TEST_F(GzipInterceptorTest, CountsMessagesOnlyWithoutStatistics) {
  start({});
  sent(8, Bytes(5000, 'x'));
  EXPECT_EQ(gzip_->figures().count, 1);
  EXPECT_EQ(gzip_->figures().size_tx, 0);
}

}  // namespace
}  // namespace serval::tribes
