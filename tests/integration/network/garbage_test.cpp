// A channel that works while strangers write garbage to its ports.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <fstream>
#include <random>
#include <thread>

#include "cluster/tribes/membership/member_codec.h"
#include "tests/support/channel_node.h"
#include "tests/support/eventually.h"
#include "tests/support/log_capture.h"
#include "tests/support/multicast.h"
#include "tests/support/raw_socket.h"
#include "tests/support/seed.h"

namespace serval::tribes {
namespace {

using serval::test::eventually;
using serval::test::MulticastSocket;
using serval::test::RawDatagrams;
using serval::test::RawSocket;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kGrowth = std::size_t{600} << 20;  // they keep what is freed
#else
constexpr std::size_t kGrowth = std::size_t{24} << 20;
#endif

std::size_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::size_t all = 0, resident = 0;
  in >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Bytes of no meaning, some of which begin like something.
class Garbage {
 public:
  explicit Garbage(std::uint64_t seed) : random_(seed), noise_(std::size_t{1} << 20) {
    for (auto& one : noise_) one = static_cast<std::uint8_t>(random_());
  }
  Bytes next() {
    const std::size_t size = 1 + random_() % 60000, from = random_() % (noise_.size() - size);
    const auto first = noise_.begin() + static_cast<std::ptrdiff_t>(from);
    Bytes bytes(first, first + static_cast<std::ptrdiff_t>(size));
    const Bytes& begin = beginnings_[random_() % beginnings_.size()];
    std::copy_n(begin.begin(), std::min(begin.size(), bytes.size()), bytes.begin());
    return bytes;
  }

 private:
  static Bytes text(std::string_view chars) { return {chars.begin(), chars.end()}; }
  static Bytes frame_of(std::string_view length) {
    Bytes begin = text("FLT2002");
    begin.insert(begin.end(), length.begin(), length.end());
    return begin;
  }
  std::mt19937_64 random_;
  Bytes noise_;
  const std::vector<Bytes> beginnings_{{},
                                       text("GET / HTTP/1.1\r\n\r\n"),
                                       text("TRIBES-B"),
                                       frame_of(std::string_view("\x03\x00\x00\x00", 4)),
                                       frame_of(std::string_view("\xff\xff\xff\xff", 4)),
                                       frame_of(std::string_view("\x00\x00\x00\x40", 4)),
                                       encode_member(Member())};
};

TEST(GarbageTest, GoodMessagesArriveAndMemoryIsBounded) {
  constexpr std::size_t kEach = std::size_t{24} << 20;  // bytes by TCP, and by UDP
  const int group = serval::test::free_udp_port();
  auto settings = ChannelNode::settings(group);
  settings.receiver.udp_port = serval::test::free_udp_port();
  settings.receiver.max_incomplete = 8 << 20;
  settings.membership.drop_time = std::chrono::seconds(30);  // datagrams get lost in the flood
  settings.sender.timeout = std::chrono::seconds(30);
  ChannelNode a(settings), b(settings);
  ASSERT_TRUE(a.start());
  ASSERT_TRUE(b.start());
  ASSERT_TRUE(eventually([&] { return a.sees(b.self()) && b.sees(a.self()); }));
  const Members to_b = a.channel().members();

  const std::uint64_t seed = serval::testing::test_seed();
  SCOPED_TRACE(serval::testing::seed_hint(seed));
  const std::size_t before = resident_bytes();
  std::atomic<int> working{2};
  std::size_t most = before;
  std::jthread streams([&] {
    Garbage garbage(seed);
    std::deque<RawSocket> open;  // some stay, in the middle of what they say
    for (std::size_t sent = 0; sent < kEach;) {
      if (open.size() == 20) open.pop_front();
      open.push_back(RawSocket::connected(b.self()->port));
      for (int i = 0; i < 4; ++i) {
        const Bytes bytes = garbage.next();
        open.back().write(bytes);
        sent += bytes.size();
      }
    }
    --working;
  });
  std::jthread datagrams([&] {
    Garbage garbage(seed + 1);
    const RawDatagrams socket;
    MulticastSocket members("228.0.0.4", group);
    for (std::size_t sent = 0; sent < kEach;) {
      const Bytes bytes = garbage.next();
      socket.send(b.self()->udp_port, bytes);
      members.send({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
      sent += 2 * bytes.size();
    }
    --working;
  });
  std::size_t messages = 0;
  for (; working > 0 || messages < 50; ++messages) {
    const auto sent = a.send(to_b, std::to_string(messages), 6);
    ASSERT_TRUE(sent) << sent.error().message;
    ASSERT_TRUE(sent->ok()) << sent->faulty.front().cause;
    most = std::max(most, resident_bytes());
  }
  streams.join();
  datagrams.join();
  ASSERT_EQ(b.texts().size(), messages) << "each one, and nothing of the garbage";
  for (std::size_t i = 0; i < messages; ++i) ASSERT_EQ(b.texts()[i], std::to_string(i));
  EXPECT_LT(most - before, kGrowth) << "of " << 2 * kEach << " bytes of garbage";
  EXPECT_TRUE(b.sees(a.self()));
  EXPECT_TRUE(eventually([&] { return b.receiver().connection_count() <= 3; }))
      << "connections of strangers are closed: " << b.receiver().connection_count();
}

TEST(GarbageTest, FramesThatNeverEndHoldNoMoreThanTheyMay) {
  auto settings = ChannelNode::settings(serval::test::free_udp_port());
  settings.receiver.max_incomplete = 4 << 20;
  ChannelNode node(settings);
  ASSERT_TRUE(node.start());
  const serval::test::LogCapture log;
  Bytes half{'F', 'L', 'T', '2', '0', '0', '2', 3, 0, 0, 0};  // 48 MiB are to follow
  half.resize(3 << 20);
  const RawSocket first = RawSocket::connected(node.self()->port);
  const RawSocket second = RawSocket::connected(node.self()->port);
  first.write(half);
  second.write(half);
  // Both, if they reach it at the same time.
  EXPECT_TRUE(eventually([&] { return log.count("maxIncompleteSize") >= 1; })) << log.text();
  EXPECT_TRUE(eventually([&] { return node.receiver().connection_count() <= 1; }));
}

}  // namespace
}  // namespace serval::tribes
