// Two of our channels and two real Tomcats in one group, with the interceptors that change
// messages, while members are killed, stopped and started again on their port.
#include <map>
#include <random>
#include <sstream>

#include "tests/interop/tribes_pair.h"
#include "tests/support/seed.h"

namespace serval::tribes {
namespace {

using serval::test::peer_content;
using serval::test::sha256_of;

/// What one message was, as its receiver tells it.
struct Content {
  std::size_t size = 0;
  std::string sha256;
  bool operator==(const Content&) const = default;
};
void PrintTo(const Content& content, std::ostream* out) {
  *out << content.size << " bytes " << content.sha256.substr(0, 8);
}

/// A node of the group as the story sees it; a node is named by its port.
class GroupNode {
 public:
  virtual ~GroupNode() = default;
  virtual int port() = 0;
  virtual bool sees(int port) = 0;
  /// To all members. The ports of those that did not get it.
  virtual std::vector<int> send(Options options, std::size_t size, std::uint64_t seed) = 0;
  virtual std::vector<Content> received_from(int port) = 0;
};

class OurNode final : public GroupNode, private ChannelListener {
 public:
  OurNode(int group, const std::vector<std::string>& interceptors) {
    std::string problems;
    channel_ = channel_of(group, interceptors, problems);
    EXPECT_TRUE(channel_) << problems;
    channel_->add_channel_listener(this);
    const auto started = channel_->start(level::kAll);
    EXPECT_TRUE(started) << started.error().message;
  }
  ~OurNode() override { channel_->stop(level::kAll); }
  int port() override { return channel_->local_member()->port; }
  bool sees(int port) override {
    return std::ranges::any_of(channel_->members(), [&](auto& one) { return one->port == port; });
  }
  std::vector<int> send(Options options, std::size_t size, std::uint64_t seed) override {
    const auto report = channel_->send_and_wait(
        channel_->members(), std::make_shared<const Bytes>(peer_content(size, seed)),
        options | option::kByteMessage);
    std::vector<int> faulty;
    EXPECT_TRUE(report) << report.error().message;
    if (report) {
      for (const auto& one : report->faulty) faulty.push_back(one.member->port);
    }
    return faulty;
  }
  std::vector<Content> received_from(int port) override {
    const std::lock_guard lock(mutex_);
    return received_[port];
  }

 private:
  bool accept(const Received&) override { return true; }
  Result<> message_received(const Received& message) override {
    Content content{message.content->size(), sha256_of(*message.content)};
    const std::lock_guard lock(mutex_);
    received_[message.sender->port].push_back(std::move(content));
    return {};
  }
  std::mutex mutex_;
  std::map<int, std::vector<Content>> received_;
  std::unique_ptr<Channel> channel_;
};

class TomcatNode final : public GroupNode {
 public:
  TomcatNode(Kind kind, int group, const std::vector<std::string>& interceptors, int port = 0)
      : peer_({kind,
               group,
               port,
               interceptors,
               {"--receiver", "useBufferPool=false", "--transport", "timeout=20000"}}) {
    EXPECT_TRUE(peer_.ready());
  }
  int port() override { return peer_.port(); }
  bool sees(int port) override { return peer_.sees(port); }
  std::vector<int> send(Options options, std::size_t size, std::uint64_t seed) override {
    const auto answer = peer_.ask("send all " + std::to_string(options) + " bytes " +
                                  std::to_string(size) + " " + std::to_string(seed));
    if (answer.ok) return {};
    const auto begin = answer.text.find(" faulty ");
    EXPECT_NE(begin, answer.text.npos) << answer.text;
    std::vector<int> faulty;
    std::istringstream words(begin == answer.text.npos ? "" : answer.text.substr(begin + 8));
    for (std::string word; words >> word;) faulty.push_back(std::stoi(word));
    return faulty;
  }
  std::vector<Content> received_from(int port) override {
    std::vector<Content> contents;
    for (auto& one : peer_.received()) {
      if (one.sender == port) contents.push_back({one.size, std::move(one.sha256)});
    }
    return contents;
  }
  ChannelPeer& peer() { return peer_; }

 private:
  ChannelPeer peer_;
};

struct Mix {
  Kind first, second;
};

class TribesGroup : public ::testing::TestWithParam<Mix> {
 protected:
  TribesGroup() {
    // Tomcats of the two generations cannot read each other's encrypted messages.
    if (GetParam().first == GetParam().second) {
      stack_.insert(stack_.begin() + 1,
                    "EncryptInterceptor encryptionAlgorithm=AES/GCM/NoPadding "
                    "encryptionKey=00112233445566778899aabbccddeeff");
    }
    start_tomcat(first_, GetParam().first);
    start_tomcat(second_, GetParam().second);
    for (auto& one : ours_) one = std::make_unique<OurNode>(group_, stack_);
  }
  void start_tomcat(std::unique_ptr<TomcatNode>& node, Kind kind, int port = 0) {
    node = std::make_unique<TomcatNode>(kind, group_, stack_, port);
    std::erase_if(heard_, [&](auto& one) { return one.first.first == port; });
  }
  std::vector<GroupNode*> nodes() {
    std::vector<GroupNode*> all;
    for (GroupNode* one :
         {static_cast<GroupNode*>(ours_[0].get()), static_cast<GroupNode*>(first_.get()),
          static_cast<GroupNode*>(ours_[1].get()), static_cast<GroupNode*>(second_.get())}) {
      if (one != nullptr) all.push_back(one);
    }
    return all;
  }
  void expect_all_see_each_other() {
    EXPECT_TRUE(eventually([&] {
      const auto all = nodes();
      return std::ranges::all_of(all, [&](GroupNode* one) {
        return std::ranges::all_of(
            all, [&](GroupNode* other) { return one == other || one->sees(other->port()); });
      });
    })) << "not all members see each other";
  }

  /// Each node but the silent ones sends so many messages of random size, in turn. `lost`: a port
  /// that may miss messages.
  void talk(std::size_t messages, const std::vector<Options>& options,
            const std::vector<GroupNode*>& silent = {}, int lost = 0) {
    for (std::size_t i = 0; i < messages; ++i) {
      for (GroupNode* sender : nodes()) {
        if (std::ranges::find(silent, sender) != silent.end()) continue;
        // As many small ones as large ones: the number of digits is what is random.
        const std::size_t size = random_() % (1 + (kLargest >> (random_() % 22)));
        for (const int faulty : sender->send(options[random_() % options.size()], size, ++sent_)) {
          EXPECT_EQ(faulty, lost) << "a healthy member did not get a message";
        }
        told_[sender->port()].push_back({size, sha256_of(peer_content(size, sent_))});
      }
    }
  }
  /// Everyone has what everyone else told since the last time, once and in order.
  void expect_all_arrived() {
    for (GroupNode* receiver : nodes()) {
      for (const auto& [sender, told] : told_) {
        if (sender == receiver->port()) continue;
        const std::size_t before = heard_[{receiver->port(), sender}];
        EXPECT_TRUE(eventually([&] {
          return receiver->received_from(sender).size() >= before + told.size();
        })) << "from "
            << sender << " to " << receiver->port();
        auto heard = receiver->received_from(sender);
        heard.erase(heard.begin(), heard.begin() + static_cast<std::ptrdiff_t>(before));
        EXPECT_EQ(heard, told) << "from " << sender << " to " << receiver->port();
      }
    }
    told_.clear();
    for (GroupNode* receiver : nodes()) {
      for (GroupNode* sender : nodes()) {
        const auto count = receiver->received_from(sender->port()).size();
        heard_[{receiver->port(), sender->port()}] = count;
      }
    }
  }

  /// Messages of each node while nothing happens to anyone.
  static std::size_t count() { return serval::testing::environment_number("SERVAL_MESSAGES", 8); }
  static constexpr std::size_t kLargest = 8 << 20;
  const std::vector<Options> any_options_{0, 2, 6, 8, 10};
  std::unique_ptr<TomcatNode> first_, second_;
  std::unique_ptr<OurNode> ours_[2];
  const std::uint64_t seed_ = serval::testing::test_seed();

 private:
  const int group_ = serval::test::free_udp_port();
  // A Tomcat's OrderInterceptor sends a message to one member after the other. What changes it must
  // stand above, or a Tomcat changes it once more for the second member.
  std::vector<std::string> stack_{"GzipInterceptor", "FragmentationInterceptor maxSize=500000",
                                  "OrderInterceptor expire=60000", "TcpFailureDetector",
                                  "MessageDispatchInterceptor"};
  std::mt19937_64 random_{seed_};
  std::uint64_t sent_ = 0;
  std::map<int, std::vector<Content>> told_;          // by sender, since all had arrived
  std::map<std::pair<int, int>, std::size_t> heard_;  // receiver and sender: messages before that
};

TEST_P(TribesGroup, MessagesArriveWhileMembersDieFreezeAndComeBack) {
  SCOPED_TRACE(serval::testing::seed_hint(seed_));
  expect_all_see_each_other();
  talk(count(), any_options_);
  expect_all_arrived();
  ASSERT_FALSE(HasFailure());

  // Killed in the middle: the others miss nothing, and senders name it. The Tomcat is silent until
  // it has noticed: a message of parts it gives up for all members when one does not get the first.
  const int port = second_->port();
  second_->peer().kill();
  second_.reset();
  talk(count() / 2, any_options_, {first_.get()}, port);
  EXPECT_TRUE(eventually([&] {
    const auto all = nodes();
    return std::ranges::none_of(all, [&](GroupNode* one) { return one->sees(port); });
  }));
  talk(count() / 4, any_options_);
  expect_all_arrived();
  ASSERT_FALSE(HasFailure());

  start_tomcat(second_, GetParam().second, port);
  expect_all_see_each_other();
  talk(count() / 2, any_options_);
  expect_all_arrived();
  ASSERT_FALSE(HasFailure());

  // Stopped, for less than the timeout of the transport: what we send to it meanwhile arrives when
  // it goes on. The other Tomcat is silent: a message of parts that it cannot write to one it gives
  // up for all members.
  first_->peer().process().signal(SIGSTOP);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(8);
  for (std::size_t i = 0; i < count() / 4 && std::chrono::steady_clock::now() < end; ++i) {
    talk(1, {option::kAsynchronous}, {first_.get(), second_.get()});
  }
  first_->peer().process().signal(SIGCONT);
  expect_all_see_each_other();
  talk(count() / 4, any_options_);
  expect_all_arrived();
}

INSTANTIATE_TEST_SUITE_P(, TribesGroup,
                         ::testing::Values(Mix{Kind::kTomcat9, Kind::kTomcat9},
                                           Mix{Kind::kTomcat10, Kind::kTomcat10},
                                           Mix{Kind::kTomcat9, Kind::kTomcat10}),
                         [](const auto& mix) {
                           return std::string(name_of(mix.param.first)) + "And" +
                                  std::string(name_of(mix.param.second));
                         });

}  // namespace
}  // namespace serval::tribes
