#pragma once
#include <atomic>
#include <chrono>
#include <span>

#include "cluster/tribes/interceptor.h"
#include "container/base/attribute.h"

namespace serval::tribes {

/// Looks with every heartbeat of the channel, or every `interval` with useThread, which members are
/// alive: by the check of a TcpFailureDetector below or, without one, by a message to each member
/// that its TcpPingInterceptor swallows.
///
/// Copies: none. Blocks: the event thread while TcpFailureDetector checks; useThread works there
/// too. Units: interval in ms. Source: Tomcat
/// org.apache.catalina.tribes.group.interceptors.TcpPingInterceptor; tribes-wire 10.12.
class TcpPingInterceptor final : public Interceptor {
 public:
  struct Options {
    std::chrono::milliseconds interval{1000};
    bool use_thread = false;
    bool static_only = false;  // ping only members that StaticMembershipInterceptor gave
    tribes::Options option_flag = 0;
  };
  static std::span<const Attribute<Options>> attributes();

  explicit TcpPingInterceptor(const Options& options);

  Result<> check_place(const Neighbours& neighbours) override;
  Result<> receive(ChannelMessage message, Above above) override;
  void heartbeat(Below below) override;
  void started(int levels) override;
  void stopping(int levels) override;
  std::string_view simple_name() const override { return "TcpPingInterceptor"; }
  const Options& options() const { return options_; }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.group.interceptors.TcpPingInterceptor");
  }

 private:
  void ping(Below below);
  void send_ping(Below below);

  const Options options_;
  bool has_detector_ = false;  // constant once the channel has started
  std::atomic<bool> can_send_{false};
};

}  // namespace serval::tribes
