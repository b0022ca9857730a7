#pragma once
#include <chrono>
#include <cstdint>
#include <mutex>
#include <span>

#include "cluster/tribes/interceptor.h"
#include "cluster/tribes/interceptors/drop_count.h"
#include "cluster/tribes/interceptors/fragment_store.h"
#include "container/base/attribute.h"
#include "container/base/live_options.h"

namespace serval::tribes {

/// Sends a message of more than maxSize bytes in parts and puts received parts together. Every
/// message gets a trailer, so all nodes need this interceptor at the same place.
///
/// The parts of a message follow each other on its way (a Tomcat node that takes two parts at the
/// same time may lose the message).
/// Copies: each message once. Blocks: no. Units: sizes in bytes, expire in ms.
/// Errors: maxSize below 1 is refused at start, and fails longer messages if it is set later. Parts
/// that make no sense, that expire, or that would make more than maxWaitingSize bytes wait
/// (Serval's own attribute) cost their message, with a warning; they are acknowledged. Source:
/// Tomcat org.apache.catalina.tribes.group.interceptors.FragmentationInterceptor; tribes-wire 10.5.
class FragmentationInterceptor final : public Interceptor {
 public:
  struct Options {
    int max_size = 100 * 1024;
    std::chrono::milliseconds expire{60000};
    std::int64_t max_waiting_size = 128 * 1024 * 1024;
    tribes::Options option_flag = 0;
  };
  static std::span<const Attribute<Options>> attributes();
  static constexpr auto kSettable = std::to_array<std::string_view>({"maxSize", "expire"});

  explicit FragmentationInterceptor(const Options& options);

  Result<> send(const Members& to, ChannelMessage message, Below below) override;
  Result<> receive(ChannelMessage message, Above above) override;
  void member_disappeared(const MemberPtr& member, Above above) override;
  void heartbeat(Below below) override;
  Result<> start(int levels) override;
  void stop(int levels) override;
  std::string_view simple_name() const override { return "FragmentationInterceptor"; }
  const Options& options() const { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this,
                     "org.apache.catalina.tribes.group.interceptors.FragmentationInterceptor");
  }

  std::uint64_t dropped() const { return dropped_.count(); }
  /// Bytes that wait for missing parts.
  std::size_t waiting_bytes() const;

 private:
  static Result<> check(int max_size);
  void send_parts(const Members& to, ChannelMessage message, std::size_t max_size,
                  Below below) const;
  Result<> receive_part(ChannelMessage part, Above above);

  LiveOptions<Options> options_;
  DropCount dropped_;
  mutable std::mutex mutex_;
  FragmentStore store_;  // guarded by mutex_
};

}  // namespace serval::tribes
