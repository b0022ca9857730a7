#include "cluster/tribes/transport/member_probe.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "cluster/tribes/transport/channel_data.h"
#include "cluster/tribes/transport/endpoint.h"
#include "container/base/clock.h"

namespace serval::tribes {
namespace {

using Time = std::chrono::steady_clock::time_point;

constexpr std::array<std::uint8_t, 64> kContent{
    0x4f, 0xa7, 0x73, 0x48, 0x79, 0x82, 0x43, 0xc9, 0x9f, 0x6f, 0x89, 0x80, 0xa1, 0x5b, 0x07, 0x14,
    0x7d, 0xd9, 0x52, 0x5b, 0xeb, 0xf1, 0x43, 0x9a, 0xb7, 0x7e, 0xbe, 0x8f, 0x81, 0x67, 0x1e, 0xb6,
    0x37, 0x15, 0xbe, 0x87, 0x45, 0x7e, 0x4c, 0xa8, 0xbf, 0x0a, 0x4d, 0x13, 0x53, 0x38, 0x15, 0x32,
    0x55, 0xf6, 0x94, 0xb7, 0x3a, 0xfa, 0x40, 0x78, 0x91, 0x04, 0x7d, 0xd7, 0x72, 0x84, 0xc0, 0xd5};

/// One connection attempt; closes what it opened.
class Probe {
 public:
  explicit Probe(const Member& member) {
    const auto endpoint = endpoint_of(member);
    if (!endpoint || member.is_shutdown()) return;
    const int family = endpoint->protocol().family();
    fd_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return;
    const int connected =
        ::connect(fd_, endpoint->data(), static_cast<socklen_t>(endpoint->size()));
    if (connected != 0 && errno != EINPROGRESS) close();
  }
  Probe(Probe&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Probe& operator=(Probe&&) = delete;
  ~Probe() { close(); }

  int fd() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  bool is_connected() const {
    int error = 0;
    socklen_t size = sizeof(error);
    return ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
  }
  bool write(const Bytes& frame) const {
    const auto size = static_cast<ssize_t>(frame.size());
    return ::send(fd_, frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT) == size;
  }
  bool reads_something() const {
    char byte = 0;
    return ::recv(fd_, &byte, 1, MSG_DONTWAIT) > 0;
  }

 private:
  int fd_ = -1;
};

/// Waits for `events` on every probe that is still open, until the limit. `on_event` says whether
/// the probe goes on; the others are closed, as are those that the limit meets.
template <class OnEvent>
void wait_for_all(std::vector<Probe>& probes, short events, std::chrono::milliseconds limit,
                  OnEvent on_event) {
  const Time end = std::chrono::steady_clock::now() + limit;
  std::vector<bool> done(probes.size());
  for (;;) {
    std::vector<pollfd> open;
    std::vector<std::size_t> index;
    for (std::size_t i = 0; i < probes.size(); ++i) {
      if (done[i] || probes[i].fd() < 0) continue;
      open.push_back({probes[i].fd(), events, 0});
      index.push_back(i);
    }
    if (open.empty()) return;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    const int ready =
        left.count() <= 0 ? 0 : ::poll(open.data(), open.size(), static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      for (const std::size_t i : index) probes[i].close();
      return;
    }
    for (std::size_t k = 0; k < open.size(); ++k) {
      if (open[k].revents == 0) continue;
      done[index[k]] = true;
      if (!on_event(probes[index[k]])) probes[index[k]].close();
    }
  }
}

Bytes probe_frame(const MemberPtr& local, const ProbeOptions& options) {
  ChannelMessage message;
  message.options = options.option_flag | option::kByteMessage;
  if (options.read_test) message.options |= option::kUseAck;
  message.timestamp = system_clock().wall_ms();
  message.id = random_id();
  message.address = local;
  message.content = std::make_shared<const Bytes>(kContent.begin(), kContent.end());
  return encode_frame_bytes(message);
}

}  // namespace

std::span<const std::uint8_t, 64> probe_content() { return kContent; }

bool is_probe(const Bytes& content) {
  return content.size() == probe_content().size() && std::ranges::equal(content, probe_content());
}

std::vector<bool> probe_members(const Members& members, const MemberPtr& local,
                                const ProbeOptions& options) {
  std::vector<Probe> probes;
  probes.reserve(members.size());
  for (const MemberPtr& member : members) probes.emplace_back(*member);
  const Bytes frame = options.send_test && local ? probe_frame(local, options) : Bytes();
  wait_for_all(probes, POLLOUT, options.connect_timeout, [&](const Probe& probe) {
    return probe.is_connected() && (frame.empty() || probe.write(frame));
  });
  if (options.read_test) {
    wait_for_all(probes, POLLIN, options.read_timeout,
                 [](const Probe& probe) { return probe.reads_something(); });
  }
  std::vector<bool> alive;
  for (const Probe& probe : probes) alive.push_back(probe.fd() >= 0);
  return alive;
}

}  // namespace serval::tribes
