// tests/interop/tribes_pair.h
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/channel_peer.h"
#include "tests/support/element_channel.h"
#include "tests/support/free_port.h"

namespace serval::tribes {

using serval::test::ChannelPeer;
using serval::test::eventually;
using serval::test::Kind;

/// A channel of ours that remembers what it received.
class OurChannel final : private ChannelListener {
 public:
  /// `membership`, `receiver`: see channel_of.
  OurChannel(int group_port, const std::vector<std::string>& interceptors,
             const std::string& membership = "", int receiver_port = 0,
             const std::string& receiver = "") {
    std::string problems;
    channel_ = channel_of(group_port, interceptors, problems, membership, receiver_port, receiver);
    EXPECT_TRUE(channel_) << problems;
    if (channel_) channel_->add_channel_listener(this);
  }
  explicit OurChannel(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {
    channel_->add_channel_listener(this);
  }
  ~OurChannel() override {
    if (channel_) channel_->stop(level::kAll);
  }
  Channel* operator->() { return channel_.get(); }
  Channel& channel() { return *channel_; }
  int port() { return channel_->local_member()->port; }
  MemberPtr member(int port) {
    for (const MemberPtr& one : channel_->members()) {
      if (one->port == port) return one;
    }
    return nullptr;
  }

  /// From now on its listener fails, after it has noted the message.
  void refuse() { refuses_ = true; }

  /// Sends what a size and a seed stand for to all members, and waits for the end.
  void send(Options options, std::size_t size, std::uint64_t seed) {
    const auto report = channel_->send_and_wait(
        channel_->members(), std::make_shared<const Bytes>(serval::test::peer_content(size, seed)),
        options | option::kByteMessage);
    ASSERT_TRUE(report) << report.error().message;
    for (const FaultyMember& faulty : report->faulty) ADD_FAILURE() << faulty.cause;
  }
  std::vector<Received> received() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }
  bool eventually_receives(std::size_t count) {
    return eventually([&] { return received().size() >= count; });
  }

 private:
  bool accept(const Received&) override { return true; }
  Result<> message_received(const Received& message) override {
    const std::lock_guard lock(mutex_);
    received_.push_back(message);
    if (refuses_) return Error{Errc::kBadState, "as the test wants it"};
    return {};
  }
  std::atomic<bool> refuses_{false};
  mutable std::mutex mutex_;
  std::vector<Received> received_;
  std::unique_ptr<Channel> channel_;
};

/// One of our channels and one of a real Tomcat, with the same interceptors.
class TribesPair : public ::testing::TestWithParam<Kind> {
 protected:
  void start(const std::vector<std::string>& interceptors) { start(interceptors, interceptors); }
  void start(const std::vector<std::string>& ours, const std::vector<std::string>& theirs) {
    start_peer(theirs);
    start_ours(ours);
    ASSERT_FALSE(HasFatalFailure());
    ASSERT_TRUE(peer->ready());
    ASSERT_TRUE(eventually([&] { return our->member(peer->port()) && peer->sees(our->port()); }))
        << peer->log_tail();
  }
  void start_peer(const std::vector<std::string>& interceptors,
                  std::vector<std::string> arguments = {}) {
    // With its buffer pool Tomcat clears the message of the first part when it has acknowledged
    // that part, while another thread may be putting the whole message into it.
    if (std::ranges::any_of(interceptors, [](auto& i) { return i.starts_with("Fragmentation"); })) {
      arguments.insert(arguments.end(), {"--receiver", "useBufferPool=false"});
    }
    peer = std::make_unique<ChannelPeer>(
        ChannelPeer::Options{GetParam(), group_, 0, interceptors, arguments});
  }
  void start_ours(const std::vector<std::string>& interceptors, const std::string& membership = "",
                  const std::string& receiver = "") {
    our = std::make_unique<OurChannel>(group_, interceptors, membership, 0, receiver);
    ASSERT_FALSE(HasFailure());
    const auto started = our->channel().start(level::kAll);
    ASSERT_TRUE(started) << started.error().message;
  }

  /// Sends messages of these sizes in both directions, one after the other, and expects the same
  /// contents in the same order on the other side.
  void exchange(const std::vector<std::size_t>& sizes, Options options = 6) {
    const std::size_t before_here = our->received().size();
    const std::size_t before_there = peer->received().size();
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      our->send(options, sizes[i], i);
      peer->send("all", options, sizes[i], 1000 + i);
    }
    ASSERT_TRUE(peer->eventually_receives(before_there + sizes.size())) << peer->log_tail();
    ASSERT_TRUE(our->eventually_receives(before_here + sizes.size())) << peer->log_tail();
    const auto there = peer->received();
    const auto here = our->received();
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      SCOPED_TRACE(testing::Message() << "message " << i << " of " << sizes[i] << " bytes");
      const auto& theirs = there[before_there + i];
      EXPECT_EQ(theirs.size, sizes[i]);
      EXPECT_EQ(theirs.sha256, serval::test::sha256_of(serval::test::peer_content(sizes[i], i)));
      EXPECT_EQ(theirs.sender, our->port());
      EXPECT_TRUE(*here[before_here + i].content == serval::test::peer_content(sizes[i], 1000 + i));
      EXPECT_EQ(here[before_here + i].sender->port, peer->port());
    }
  }

  int group() const { return group_; }

  std::unique_ptr<ChannelPeer> peer;
  std::unique_ptr<OurChannel> our;

 private:
  const int group_ = serval::test::free_udp_port();
};

inline std::string kind_name(const testing::TestParamInfo<Kind>& info) {
  return name_of(info.param);
}
#define SERVAL_BOTH_TOMCATS(Suite) \
  INSTANTIATE_TEST_SUITE_P(, Suite, testing::Values(Kind::kTomcat9, Kind::kTomcat10), kind_name)

}  // namespace serval::tribes
