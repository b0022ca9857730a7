// Attributes of McastService that show only in a network.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "tests/support/channel_node.h"
#include "tests/support/log_capture.h"
#include "tests/support/network_namespace.h"
#include "tests/support/node.h"

namespace serval::tribes {
namespace {

using serval::test::Bridge;
using serval::test::eventually;
using serval::test::holds_for;
using serval::test::LogCapture;
using serval::test::NetworkNamespace;
using std::chrono::milliseconds;

/// The time to live of the next datagram to a multicast group; -1 if none comes.
int received_ttl(const std::string& interface, int port) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, "228.0.0.4", &here.sin_addr);
  ip_mreq join{};
  join.imr_multiaddr = here.sin_addr;
  ::inet_pton(AF_INET, interface.c_str(), &join.imr_interface);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof on);
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&here), sizeof here), 0);
  EXPECT_EQ(::setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof join), 0);
  pollfd wait{fd, POLLIN, 0};
  int ttl = -1;
  if (::poll(&wait, 1, 10000) > 0) {
    char data[2048];
    alignas(cmsghdr) char control[256];
    iovec piece{data, sizeof data};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    if (::recvmsg(fd, &message, 0) >= 0) {
      const cmsghdr* const header = CMSG_FIRSTHDR(&message);
      if (header && header->cmsg_type == IP_TTL) std::memcpy(&ttl, CMSG_DATA(header), sizeof ttl);
    }
  }
  ::close(fd);
  return ttl;
}

class MulticastTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SERVAL_NEEDS_NAMESPACES("to build networks and cut them");
    bridge_ = std::make_unique<Bridge>("switch");
    for (int i = 1; i <= 2; ++i) {
      networks_.push_back(std::make_unique<NetworkNamespace>(i, *bridge_));
    }
  }
  void TearDown() override {
    nodes_.clear();
    networks_.clear();
  }
  NetworkNamespace& network(std::size_t i) { return *networks_[i]; }
  template <class Change>
  ChannelNode& start(std::size_t place, Change&& change) {
    network(place).run([&] {
      auto settings = ChannelNode::settings(45564);
      settings.membership.bind = settings.receiver.address = network(place).address();
      settings.membership.frequency = milliseconds(100);
      settings.membership.drop_time = milliseconds(1000);
      settings.membership.recovery_counter = 3;
      settings.membership.recovery_sleep_time = milliseconds(200);
      settings.detector.connect_timeout = milliseconds(500);
      change(settings.membership);
      nodes_.push_back(std::make_unique<ChannelNode>(settings));
      const auto done = nodes_.back()->start();
      ASSERT_TRUE(done) << done.error().message;
    });
    return *nodes_.back();
  }

  std::unique_ptr<Bridge> bridge_;
  std::vector<std::unique_ptr<NetworkNamespace>> networks_;
  std::vector<std::unique_ptr<ChannelNode>> nodes_;
};

TEST_F(MulticastTest, WithoutLocalLoopbackNodesOfOneMachineDoNotHearEachOther) {
  const auto disabled = [](McastService::Options& options) {
    options.local_loopback_disabled = true;
  };
  ChannelNode& a = start(0, disabled);
  ChannelNode& b = start(0, disabled);
  ChannelNode& far = start(1, disabled);
  EXPECT_TRUE(eventually([&] {
    return far.sees(a.self()) && far.sees(b.self()) && a.sees(far.self()) && b.sees(far.self());
  }));
  EXPECT_TRUE(holds_for(milliseconds(500), [&] { return !a.sees(b.self()) && !b.sees(a.self()); }));
}

TEST_F(MulticastTest, HeartbeatsLiveAsLongAsTtlSays) {
  start(0, [](McastService::Options& options) { options.ttl = 7; });
  network(1).run([&] { EXPECT_EQ(received_ttl(network(1).address(), 45564), 7); });
  nodes_.clear();
  start(0, [](McastService::Options&) {});
  network(1).run([&] { EXPECT_EQ(received_ttl(network(1).address(), 45564), 1); });
}

TEST_F(MulticastTest, ANodeMayStopWhileItsNetworkIsAway) {
  const LogCapture log;
  start(0, [](McastService::Options&) {});
  network(0).set_link(false);
  ASSERT_TRUE(eventually([&] { return log.count("running recovery thread") > 0; })) << log.text();
  const auto begin = std::chrono::steady_clock::now();
  nodes_.clear();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  network(0).set_link(true);
  ChannelNode& again = start(0, [](McastService::Options&) {});
  ChannelNode& other = start(1, [](McastService::Options&) {});
  EXPECT_TRUE(eventually([&] { return again.sees(other.self()) && other.sees(again.self()); }));
}

TEST_F(MulticastTest, WithoutRecoveryItStaysAsItIs) {
  const LogCapture log;
  ChannelNode& a = start(0, [](McastService::Options& options) {
    options.recovery_enabled = false;
    options.bind.clear();
  });
  ChannelNode& b = start(1, [](McastService::Options&) {});
  ASSERT_TRUE(eventually([&] { return a.sees(b.self()) && b.sees(a.self()); }));
  network(0).replace_interface(*bridge_);
  network(0).run([] {
    EXPECT_TRUE(holds_for(milliseconds(1000), [] {
      return serval::test::run_command({"ip", "maddr", "show", "dev", "eth0"})
                 .output.find("228.0.0.4") == std::string::npos;
    }));
  });
  EXPECT_EQ(log.count("running recovery thread"), 0U) << log.text();
}

}  // namespace
}  // namespace serval::tribes
