// A program of somebody else's that joins a group of Tomcat or Serval nodes with nothing but the
// library serval_tribes: no container, no configuration file. tribes_alone_test.cpp runs it.
//
//   join_group PORT TEXT   joins the multicast group at 127.0.0.1, greets every member with the
//                          text, prints the first message that it gets, leaves
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

#include "cluster/tribes/group/group_channel.h"
#include "cluster/tribes/interceptors/message_dispatch_interceptor.h"
#include "cluster/tribes/interceptors/tcp_failure_detector.h"
#include "cluster/tribes/membership/mcast_service.h"
#include "cluster/tribes/transport/nio_receiver.h"
#include "cluster/tribes/transport/pooled_parallel_sender.h"

namespace {

using namespace serval::tribes;

std::unique_ptr<GroupChannel> make_channel(int port) {
  McastService::Options membership;
  membership.port = port;
  membership.bind = "127.0.0.1";
  membership.frequency = std::chrono::milliseconds(100);
  NioReceiver::Options receiver;
  receiver.address = "127.0.0.1";
  receiver.port = 0;
  auto channel = std::make_unique<GroupChannel>(
      GroupChannel::Options(), ChannelCoordinator::Parts{std::make_unique<McastService>(membership),
                                                         std::make_unique<NioReceiver>(receiver),
                                                         std::make_unique<PooledParallelSender>()});
  channel->add_interceptor(std::make_unique<MessageDispatchInterceptor>());
  channel->add_interceptor(std::make_unique<TcpFailureDetector>());
  return channel;
}

/// Greets who comes, and waits for the first message.
class Guest final : public ChannelListener, public MembershipListener {
 public:
  Guest(GroupChannel& channel, std::string greeting)
      : channel_(channel), greeting_(std::move(greeting)) {}

  bool accept(const Received& message) override { return !message.is_object; }
  serval::Result<> message_received(const Received& message) override {
    const std::lock_guard lock(mutex_);
    first_ = message.sender->address_text() + " says " +
             std::string(message.content->begin(), message.content->end());
    came_.notify_one();
    return {};
  }
  void member_added(const MemberPtr& member) override {
    auto content = std::make_shared<const Bytes>(greeting_.begin(), greeting_.end());
    const auto sent = channel_.send({member}, std::move(content),
                                    option::kByteMessage | option::kAsynchronous, 0, nullptr);
    if (!sent) std::fprintf(stderr, "%s\n", sent.error().message.c_str());
  }
  void member_disappeared(const MemberPtr&) override {}

  std::string wait() {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, std::chrono::seconds(60), [&] { return !first_.empty(); });
    return first_;
  }

 private:
  GroupChannel& channel_;
  const std::string greeting_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::string first_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto channel = make_channel(std::atoi(argv[1]));
  Guest guest(*channel, argv[2]);
  channel->add_channel_listener(&guest);
  if (const auto started = channel->start(level::kAll); !started) {
    std::fprintf(stderr, "%s\n", started.error().message.c_str());
    return 1;
  }
  channel->add_membership_listener(&guest);
  for (const MemberPtr& member : channel->members()) guest.member_added(member);
  const std::string first = guest.wait();
  channel->stop(level::kAll);
  channel->remove_membership_listener(&guest);
  channel->remove_channel_listener(&guest);
  std::printf("%s\n", first.c_str());
  return first.empty() ? 1 : 0;
}
