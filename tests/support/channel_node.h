// tests/support/channel_node.h
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cluster/tribes/group/group_channel.h"
#include "cluster/tribes/interceptors/message_dispatch_interceptor.h"
#include "cluster/tribes/interceptors/tcp_failure_detector.h"
#include "cluster/tribes/membership/mcast_service.h"
#include "cluster/tribes/transport/nio_receiver.h"
#include "cluster/tribes/transport/pooled_parallel_sender.h"
#include "tests/support/free_port.h"

namespace serval::tribes {

/// One node of a group in this process: real sockets on 127.0.0.1, multicast bound there too.
/// Remembers what it hears.
class ChannelNode : private ChannelListener, private MembershipListener {
 public:
  struct Settings {
    McastService::Options membership;
    NioReceiver::Options receiver;
    PooledParallelSender::Options sender;
    TcpFailureDetector::Options detector;
    MessageDispatchInterceptor::Options dispatch;
  };
  static Settings settings(int group_port) {
    Settings s;
    s.membership.port = group_port;
    s.membership.bind = "127.0.0.1";
    s.receiver.address = "127.0.0.1";
    s.receiver.port = 0;
    return s;
  }

  explicit ChannelNode(int group_port) : ChannelNode(settings(group_port)) {}
  explicit ChannelNode(const Settings& s) {
    auto receiver = std::make_unique<NioReceiver>(s.receiver);
    auto sender = std::make_unique<PooledParallelSender>(s.sender);
    receiver_ = receiver.get();
    sender_ = sender.get();
    channel_ = std::make_unique<GroupChannel>(
        GroupChannel::Options(),
        ChannelCoordinator::Parts{std::make_unique<McastService>(s.membership), std::move(receiver),
                                  std::move(sender)});
    channel_->add_interceptor(std::make_unique<MessageDispatchInterceptor>(s.dispatch));
    channel_->add_interceptor(std::make_unique<TcpFailureDetector>(s.detector));
    channel_->add_channel_listener(this);
    channel_->add_membership_listener(this);
  }
  ~ChannelNode() override { channel_->stop(level::kAll); }

  Result<> start() { return channel_->start(level::kAll); }
  GroupChannel& channel() { return *channel_; }
  NioReceiver& receiver() { return *receiver_; }
  PooledParallelSender& sender() { return *sender_; }
  MemberPtr self() { return channel_->local_member(); }

  /// What a message does to this node; returns the listener's result. Set before start().
  std::function<Result<>(const Received&)> on_message;

  std::vector<std::string> texts() const {
    const std::lock_guard lock(mutex_);
    return texts_;
  }
  /// Messages that on_message has dealt with.
  std::size_t message_count() const { return count_.load(); }
  std::vector<std::string> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  bool sees(const MemberPtr& member) const { return channel_->member(*member) != nullptr; }

  /// Sends a text to the members as raw bytes and waits.
  Result<SendReport> send(const Members& to, std::string_view text, Options options,
                          std::uint64_t key = 0) {
    return channel_->send_and_wait(to, bytes(text), options | option::kByteMessage, key);
  }
  static std::shared_ptr<const Bytes> bytes(std::string_view text) {
    return std::make_shared<const Bytes>(text.begin(), text.end());
  }

 private:
  bool accept(const Received&) override { return true; }
  Result<> message_received(const Received& message) override {
    {
      const std::lock_guard lock(mutex_);
      texts_.emplace_back(message.content->begin(), message.content->end());
    }
    auto result = on_message ? on_message(message) : Result<>();
    ++count_;
    return result;
  }
  void member_added(const MemberPtr& member) override { note("+", member); }
  void member_disappeared(const MemberPtr& member) override { note("-", member); }
  void note(const char* what, const MemberPtr& member) {
    const std::lock_guard lock(mutex_);
    events_.push_back(what + std::to_string(member->port));
  }

  mutable std::mutex mutex_;
  std::vector<std::string> texts_, events_;
  std::atomic<std::size_t> count_{0};
  NioReceiver* receiver_ = nullptr;
  PooledParallelSender* sender_ = nullptr;
  std::unique_ptr<GroupChannel> channel_;
};

}  // namespace serval::tribes
