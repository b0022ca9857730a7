#include "cluster/tribes/interceptors/encrypt_interceptor.h"

#include <gtest/gtest.h>

#include "cluster/tribes/interceptors/gzip_interceptor.h"
#include "cluster/tribes/interceptors/tcp_failure_detector.h"
#include "cluster/tribes/serval_peer.h"
#include "tests/support/interceptor_bench.h"
#include "tests/support/log_capture.h"
#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::test::LogCapture;
using serval::testing::vector_of;
using std::chrono::milliseconds;

constexpr std::string_view kKey = "000102030405060708090a0b0c0d0e0f";
constexpr std::int64_t kNow = serval::test::ManualClock::kStartMs;
Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

EncryptInterceptor::Options gcm(MessageForm form = MessageForm::kAuto) {
  EncryptInterceptor::Options options;
  options.encryption_algorithm = "AES/GCM/NoPadding";
  options.encryption_key = kKey;
  options.message_form = form;
  options.message_form_timeout = milliseconds(0);
  return options;
}

/// One end, and a cipher of the test's own to make and to read messages.
class EncryptInterceptorTest : public ::testing::Test {
 protected:
  EncryptInterceptorTest() { start(gcm()); }
  Result<> try_start(const EncryptInterceptor::Options& options) {
    auto interceptor = std::make_unique<EncryptInterceptor>(options);
    encrypt_ = interceptor.get();
    bench_ = std::make_unique<InterceptorBench>(std::move(interceptor));
    return bench_->stack().start(15);
  }
  void start(const EncryptInterceptor::Options& options) {
    const auto started = try_start(options);
    ASSERT_TRUE(started) << started.error().message;
  }
  /// The plain text of what was sent as the index-th message.
  Bytes sent(std::size_t index) {
    return cipher_.decrypt(*bench_->bottom().sent.at(index).content)->content;
  }
  void send(const Members& to, std::string_view text = "abc") {
    auto message = InterceptorBench::message(8, bytes(text));
    message.timestamp = kNow;
    EXPECT_TRUE(bench_->stack().from_top().send(to, std::move(message)));
  }
  ChannelMessage encrypted(const MemberPtr& from, std::string_view text, bool timed) {
    auto message = InterceptorBench::message(8);
    message.address = from;
    message.timestamp = kNow;
    const Bytes plain = bytes(text);
    message.content =
        std::make_shared<const Bytes>(*cipher_.encrypt(timed ? time_bytes(kNow) : Bytes(), plain));
    return message;
  }
  std::size_t receive(ChannelMessage message) {
    EXPECT_TRUE(bench_->stack().from_bottom().receive(std::move(message)));
    return bench_->top().received.size();
  }
  static Bytes time_bytes(std::int64_t time) {
    Bytes out;
    for (int shift = 56; shift >= 0; shift -= 8) {
      out.push_back(static_cast<std::uint8_t>(time >> shift));
    }
    return out;
  }
  static Bytes timed(std::string_view text) {
    Bytes out = time_bytes(kNow);
    out.insert(out.end(), text.begin(), text.end());
    return out;
  }
  static MemberPtr serval_member() {
    auto member = std::make_shared<Member>(*InterceptorBench::member(50));
    member->payload = ServalPayload().bytes();
    return member;
  }

  const MessageCipher cipher_ =
      *MessageCipher::create("AES/GCM/NoPadding", *key_from_hex(std::string(kKey)));
  std::unique_ptr<InterceptorBench> bench_;
  EncryptInterceptor* encrypt_ = nullptr;
  const MemberPtr old_ = InterceptorBench::member(1), fresh_ = InterceptorBench::member(2);
};

TEST_F(EncryptInterceptorTest, EachFormIsSentAsItIs) {
  start(gcm(MessageForm::kPlain));
  send({old_});
  EXPECT_EQ(bench_->bottom().sent[0].content->size(), 31U);
  EXPECT_EQ(sent(0), bytes("abc"));
  start(gcm(MessageForm::kTimestamp));
  send({old_});
  EXPECT_EQ(bench_->bottom().sent[0].content->size(), 39U);
  EXPECT_EQ(sent(0), timed("abc"));
  EXPECT_EQ(bench_->bottom().sent[0].timestamp, kNow);
}

TEST_F(EncryptInterceptorTest, ReadsTheVectorsOfBothGenerations) {
  for (const char* generation : {"v9", "v10"}) {
    for (const std::string& name : serval::testing::vector_names(generation, "encrypt-")) {
      SCOPED_TRACE(name);
      const auto vector = vector_of(name);
      if (vector.bytes.empty()) continue;
      auto options = gcm();
      options.encryption_algorithm = vector.fact("algorithm");
      options.encryption_key = vector.fact("key");
      start(options);
      auto message = InterceptorBench::message(8, vector.bytes);
      message.timestamp = 1700000000000;  // the clock stands there too
      ASSERT_EQ(receive(std::move(message)), 1U);
      EXPECT_EQ(*bench_->top().received.front().content,
                name.ends_with("-empty") ? Bytes()
                                         : bytes("The quick brown fox jumps over the lazy dog"));
      EXPECT_EQ(
          encrypt_->form_of(*InterceptorBench::member(99)),
          generation == std::string_view("v9") ? MessageForm::kPlain : MessageForm::kTimestamp);
    }
  }
}

TEST_F(EncryptInterceptorTest, AutoAnswersInTheFormOfTheMember) {
  EXPECT_EQ(receive(encrypted(old_, "from old", false)), 1U);
  EXPECT_EQ(receive(encrypted(fresh_, "from new", true)), 2U);
  EXPECT_EQ(*bench_->top().received[1].content, bytes("from new"));
  send({old_, fresh_, serval_member()});
  ASSERT_EQ(bench_->bottom().sent.size(), 2U);
  EXPECT_EQ(bench_->bottom().destinations[0], Members{old_});
  EXPECT_EQ(sent(0), bytes("abc"));
  EXPECT_EQ(bench_->bottom().destinations[1].size(), 2U);
  EXPECT_EQ(sent(1), timed("abc"));
}

TEST_F(EncryptInterceptorTest, AutoAsksANewMemberInBothForms) {
  bench_->on_provoke = [this](const MemberPtr& member) {
    send({member}, "hello");
    receive(encrypted(member, "answer", member == fresh_));
  };
  bench_->stack().from_bottom().member_added(old_);
  EXPECT_EQ(bench_->bottom().sent.size(), 2U);
  EXPECT_EQ(sent(0), bytes("hello"));
  EXPECT_EQ(sent(1), timed("hello"));
  EXPECT_EQ(encrypt_->form_of(*old_), MessageForm::kPlain);
  bench_->stack().from_bottom().member_added(fresh_);
  EXPECT_EQ(encrypt_->form_of(*fresh_), MessageForm::kTimestamp);
  EXPECT_EQ(bench_->top().events, (std::vector<std::string>{"+1", "+2"}));
}

TEST_F(EncryptInterceptorTest, AMemberThatIsBeingAskedIsNotListedYet) {
  bench_->bottom().known = {old_, fresh_, serval_member()};
  Members seen;
  bench_->on_provoke = [&](const MemberPtr& member) {
    seen = bench_->stack().members();
    if (member == old_) receive(encrypted(member, "answer", false));
  };
  bench_->stack().from_bottom().member_added(old_);
  EXPECT_EQ(seen.size(), 1U) << "only the Serval node";
  EXPECT_EQ(bench_->stack().members().size(), 2U);
  bench_->stack().from_bottom().member_added(fresh_);
  EXPECT_EQ(bench_->stack().members().size(), 3U) << "silent, but reported";
}

TEST_F(EncryptInterceptorTest, AutoTrustsAServalNodeUnasked) {
  bench_->stack().from_bottom().member_added(serval_member());
  EXPECT_TRUE(bench_->provoked.empty());
  EXPECT_EQ(bench_->top().events, std::vector<std::string>{"+50"});
}

TEST_F(EncryptInterceptorTest, ASilentMemberIsReportedAndToldOf) {
  const LogCapture log;
  bench_->stack().from_bottom().member_added(old_);
  EXPECT_EQ(bench_->top().events, std::vector<std::string>{"+1"});
  EXPECT_TRUE(log.contains("messageFormTimeout [0] ms")) << log.text();
  send({old_});
  EXPECT_EQ(sent(0), timed("abc")) << "nothing was learned from anybody";
}

TEST_F(EncryptInterceptorTest, AMemberThatGoesIsAskedAgain) {
  receive(encrypted(old_, "x", false));
  bench_->stack().from_bottom().member_disappeared(old_);
  EXPECT_EQ(encrypt_->form_of(*old_), std::nullopt);
  send({fresh_});
  EXPECT_EQ(sent(0), bytes("abc")) << "the others speak the plain form";
}

TEST_F(EncryptInterceptorTest, RefusesARepeatedMessage) {
  const LogCapture log;
  const auto message = encrypted(fresh_, "pay 5", true);
  EXPECT_EQ(receive(message), 1U);
  EXPECT_EQ(receive(message), 1U);
  EXPECT_TRUE(log.contains("replay attack detected")) << log.text();
  bench_->time.advance(milliseconds(10001));
  EXPECT_EQ(receive(encrypted(fresh_, "too old", true)), 1U);
  EXPECT_EQ(encrypt_->dropped(), 2U);
}

TEST_F(EncryptInterceptorTest, AChangedTimeIsNoWayAroundTheWindow) {
  auto message = encrypted(fresh_, "pay 5", true);
  EXPECT_EQ(receive(message), 1U);
  message.timestamp += 1;
  EXPECT_EQ(receive(message), 1U) << "it lacks its time, though this member sends times";
  start(gcm(MessageForm::kTimestamp));
  EXPECT_EQ(receive(encrypted(old_, "a plain one", false)), 0U);
  EXPECT_EQ(receive(encrypted(old_, "short", false)), 0U);
}

TEST_F(EncryptInterceptorTest, SeedRow025_WhatAnotherKeyMadeNeverGoesUp) {
  const LogCapture log;
  for (const char* algorithm :
       {"AES/GCM/NoPadding", "AES/CBC/PKCS5Padding", "AES/CFB/PKCS5Padding"}) {
    auto options = gcm(MessageForm::kTimestamp);
    options.encryption_algorithm = algorithm;
    start(options);
    const auto other = *MessageCipher::create(algorithm, Bytes(16, 7));
    for (int i = 0; i < 1000; ++i) {
      auto message = encrypted(fresh_, "x", true);
      message.content = std::make_shared<const Bytes>(
          *other.encrypt(time_bytes(kNow), bytes("a session with content")));
      ASSERT_EQ(receive(std::move(message)), 0U);
    }
    EXPECT_EQ(encrypt_->dropped(), 1000U);
  }
  EXPECT_TRUE(log.contains("is encryptionKey the same on that member?")) << log.text();
  EXPECT_LT(log.count("Failed to decrypt"), 50U) << "the log is not filled";
}

TEST_F(EncryptInterceptorTest, SaysAtStartWhatIsWrong) {
  const LogCapture log(Level::kAll);
  const auto why = [this](auto change) {
    auto options = gcm();
    change(options);
    const auto started = try_start(options);
    return started ? std::string() : started.error().message;
  };
  using O = EncryptInterceptor::Options;
  std::string all = why([](O& o) { o.encryption_key = ""; });
  EXPECT_EQ(all, "Encryption key is required");
  all += why([](O& o) { o.encryption_key = "c0ffee1"; });
  EXPECT_NE(all.find("even number of hexadecimal digits"), std::string::npos);
  all += why([](O& o) { o.encryption_key = "c0ffee"; });
  EXPECT_NE(all.find("encryptionKey has 3 bytes"), std::string::npos);
  all += why([](O& o) { o.encryption_algorithm = "AES/CTR/NoPadding"; });
  all += why([](O& o) { o.replay_window_time = milliseconds(0); });
  all += why([](O& o) { o.replay_window_message_count = 0; });
  EXPECT_NE(all.find("replayWindowTime must"), std::string::npos);
  EXPECT_NE(all.find("replayWindowMessageCount must"), std::string::npos);
  EXPECT_EQ((all + log.text()).find("c0ffee"), std::string::npos) << "the key is nobody's business";
}

TEST_F(EncryptInterceptorTest, WarnsOfAnAlgorithmThatDoesNotNoticeChanges) {
  auto options = gcm();
  options.encryption_algorithm = "AES/CBC/PKCS5Padding";
  const LogCapture log;
  start(options);
  EXPECT_TRUE(log.contains("insecure algorithm [AES/CBC/PKCS5Padding]")) << log.text();
}

TEST(EncryptInterceptorPlace, StandsAboveTcpFailureDetector) {
  InterceptorBench well(std::make_unique<EncryptInterceptor>(gcm()));
  well.stack().add(std::make_unique<TcpFailureDetector>(), well);
  EXPECT_TRUE(well.stack().check_places());
  InterceptorBench wrong(std::make_unique<TcpFailureDetector>());
  wrong.stack().add(std::make_unique<GzipInterceptor>(GzipInterceptor::Options()), wrong);
  wrong.stack().add(std::make_unique<EncryptInterceptor>(gcm()), wrong);
  const auto refused = wrong.stack().check_places();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.starts_with(
      "EncryptInterceptor must be upstream of TcpFailureDetector."));
}

}  // namespace
}  // namespace serval::tribes
