#include "cluster/tribes/member.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <cstring>

#include "container/base/error.h"

namespace serval::tribes {
namespace {

/// Random bytes are taken from the kernel for many ids at a time.
class RandomPool {
 public:
  UniqueId next() {
    if (used_ == pool_.size()) refill();
    UniqueId id;
    std::memcpy(id.data(), pool_.data() + used_, id.size());
    used_ += id.size();
    return id;
  }

 private:
  void refill() {
    // Up to 256 bytes at a time are given whole and without interruption (getrandom(2)).
    for (std::size_t done = 0; done < pool_.size(); done += 256) {
      SERVAL_ASSERT(::getrandom(pool_.data() + done, 256, 0) == 256, "getrandom failed");
    }
    used_ = 0;
  }
  std::array<std::uint8_t, 4096> pool_{};
  std::size_t used_ = pool_.size();
};

/// As Tomcat's log shows bytes: signed numbers, each with a blank, cut behind the one at `limit`.
std::string signed_list(const std::uint8_t* data, std::size_t size, std::size_t limit) {
  std::string text = "{";
  for (std::size_t i = 0; i < std::min(size, limit + 1); ++i) {
    text += fmt::format("{} ", static_cast<int>(static_cast<std::int8_t>(data[i])));
  }
  if (size > limit) text += fmt::format("...({})", size);
  return text + "}";
}

std::string host_list(const Bytes& host) { return fmt::format("{{{}}}", fmt::join(host, ", ")); }

}  // namespace

UniqueId random_id() {
  thread_local RandomPool pool;
  UniqueId id = pool.next();
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0F) | 0x40);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3F) | 0x80);
  return id;
}

std::string Member::name() const { return fmt::format("tcp://{}:{}", host_list(host), port); }

std::string Member::host_text() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (host.size() == 4) {
    ::inet_ntop(AF_INET, host.data(), text, sizeof(text));
  } else if (host.size() == 16) {
    ::inet_ntop(AF_INET6, host.data(), text, sizeof(text));
  } else {
    return host_list(host);
  }
  return text;
}

std::string Member::address_text() const {
  const bool v6 = host.size() == 16;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", host_text(), v6 ? "]" : "", port);
}

std::string Member::description() const {
  return fmt::format(
      "org.apache.catalina.tribes.membership.MemberImpl[{},{},{}, alive={}, securePort={}, UDP "
      "Port={}, id={}, payload={}, command={}, domain={}]",
      name(), host_list(host), port, alive_ms, secure_port, udp_port,
      signed_list(id.data(), id.size(), id.size()), signed_list(payload.data(), payload.size(), 8),
      signed_list(command.data(), command.size(), 8), signed_list(domain.data(), domain.size(), 8));
}

bool Member::is_shutdown() const {
  return std::equal(command.begin(), command.end(), kShutdownCommand.begin(),
                    kShutdownCommand.end());
}

void Member::set_shutdown() { command.assign(kShutdownCommand.begin(), kShutdownCommand.end()); }

bool contains(const Members& members, const Member& member) {
  return std::ranges::any_of(members, [&](const MemberPtr& one) { return *one == member; });
}

}  // namespace serval::tribes
