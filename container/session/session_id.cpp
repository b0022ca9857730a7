#include "container/session/session_id.h"

#include <sys/random.h>

#include <array>
#include <cstdint>
#include <span>

#include "container/base/error.h"

namespace serval::core {
namespace {

/// Random bytes fetched from the system in larger pieces, one system call per 64 ids.
class RandomBuffer {
 public:
  void take(std::span<std::uint8_t> into) {
    for (auto& byte : into) {
      if (next_ == buffer_.size()) refill();
      byte = buffer_[next_];
      buffer_[next_++] = 0;
    }
  }

 private:
  void refill() {
    std::size_t filled = 0;
    while (filled < buffer_.size()) {
      const ssize_t n = ::getrandom(buffer_.data() + filled, buffer_.size() - filled, 0);
      SERVAL_ASSERT(n > 0 || errno == EINTR, "the system gives no random bytes");
      if (n > 0) filled += static_cast<std::size_t>(n);
    }
    next_ = 0;
  }
  std::array<std::uint8_t, 1024> buffer_{};
  std::size_t next_ = buffer_.size();
};

}  // namespace

std::string random_session_id(std::size_t bytes, std::string_view route) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  static thread_local RandomBuffer random;
  std::array<std::uint8_t, 1024> raw;
  SERVAL_ASSERT(bytes <= raw.size(), "session id length is checked when it is set");
  const std::span drawn(raw.data(), bytes);
  random.take(drawn);
  std::string id;
  id.reserve(bytes * 2 + route.size() + 1);
  for (const auto byte : drawn) {
    id.push_back(kHex[byte >> 4]);
    id.push_back(kHex[byte & 15]);
  }
  if (!route.empty()) id.append(1, '.').append(route);
  return id;
}

}  // namespace serval::core
