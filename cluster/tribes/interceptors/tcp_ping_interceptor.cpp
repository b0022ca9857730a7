#include "cluster/tribes/interceptors/tcp_ping_interceptor.h"

#include <algorithm>
#include <array>

#include "cluster/tribes/channel.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.group.interceptors.TcpPingInterceptor"};

constexpr std::array<std::uint8_t, 64> kPing{
    0x4f, 0xa7, 0x73, 0x48, 0x79, 0xdf, 0x43, 0xc9, 0x9f, 0x6f, 0x89, 0x80, 0xa1, 0x5b, 0x07, 0x14,
    0x7d, 0xd9, 0x52, 0x5b, 0xeb, 0xdf, 0x43, 0x9a, 0xb7, 0x7e, 0xbe, 0x8f, 0x81, 0x67, 0x1e, 0xb6,
    0x37, 0x15, 0xbe, 0x87, 0x45, 0x21, 0x4c, 0xa8, 0xbf, 0x0a, 0x4d, 0x13, 0x53, 0x38, 0x15, 0x32,
    0x55, 0xf6, 0x94, 0xb7, 0x3a, 0xdf, 0x21, 0x78, 0x91, 0x04, 0x7d, 0xd7, 0x72, 0x84, 0xc0, 0xd5};

}  // namespace

std::span<const Attribute<TcpPingInterceptor::Options>> TcpPingInterceptor::attributes() {
  using O = Options;
  static const std::array table{
      attribute("interval", &O::interval, "ms between pings with useThread"),
      attribute("useThread", &O::use_thread, "ping every interval, not with the heartbeat"),
      attribute("staticOnly", &O::static_only, "ping only static members"),
      attribute("optionFlag", &O::option_flag, "options of the ping"),
  };
  return table;
}

TcpPingInterceptor::TcpPingInterceptor(const Options& options)
    : Interceptor(options.option_flag), options_(options) {}

Result<> TcpPingInterceptor::check_place(const Neighbours& neighbours) {
  has_detector_ = std::ranges::count(neighbours.below, "TcpFailureDetector") > 0;
  return {};
}

Result<> TcpPingInterceptor::receive(ChannelMessage message, Above above) {
  if (ok_to_process(message.options) && std::ranges::equal(*message.content, kPing)) return {};
  return above.receive(std::move(message));
}

void TcpPingInterceptor::started(int levels) {
  if ((levels & level::kSender) == 0) return;
  can_send_ = true;
  if (options_.use_thread) services().repeat(options_.interval, [this] { ping(below()); });
}

void TcpPingInterceptor::stopping(int levels) {
  if ((levels & level::kSender) != 0) can_send_ = false;
}

void TcpPingInterceptor::heartbeat(Below below) {
  below.heartbeat();
  if (!options_.use_thread) ping(below);
}

void TcpPingInterceptor::ping(Below below) {
  if (!can_send_) return;
  if (has_detector_) {
    below.check_members();
  } else {
    send_ping(below);
  }
}

void TcpPingInterceptor::send_ping(Below below) {
  Members to = below.members();
  if (options_.static_only) {
    std::erase_if(to, [](const MemberPtr& member) { return !member->is_static; });
  }
  if (to.empty()) return;
  ChannelMessage ping;
  ping.options = option_flag();
  ping.timestamp = services().clock().wall_ms();
  ping.id = random_id();
  ping.address = below.local_member();
  ping.content = std::make_shared<const Bytes>(kPing.begin(), kPing.end());
  ping.done = [](const SendReport& report) {
    for (const FaultyMember& faulty : report.faulty) {
      kLog.warn("Unable to send TCP ping to [{}]: {}", faulty.member->name(), faulty.cause);
    }
  };
  if (auto sent = below.send(to, std::move(ping)); !sent) {
    kLog.warn("Unable to send TCP ping: {}", sent.error().message);
  }
}

}  // namespace serval::tribes
