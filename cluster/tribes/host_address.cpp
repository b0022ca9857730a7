#include "cluster/tribes/host_address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>

#include "cluster/tribes/byte_text.h"

namespace serval::tribes {
namespace {

Result<Bytes> looked_up(const std::string& name, int family) {
  addrinfo wanted{};
  wanted.ai_family = family;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(name.c_str(), nullptr, &wanted, &list);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(list, &::freeaddrinfo);
  if (failed != 0 || !found) {
    return Error{Errc::kNotFound,
                 fmt::format("host [{}] does not resolve: {}", name, ::gai_strerror(failed))};
  }
  const auto copy = [](const auto& field) {
    const auto* const first = reinterpret_cast<const std::uint8_t*>(&field);
    return Bytes(first, first + sizeof field);
  };
  if (family == AF_INET) return copy(reinterpret_cast<sockaddr_in*>(found->ai_addr)->sin_addr);
  return copy(reinterpret_cast<sockaddr_in6*>(found->ai_addr)->sin6_addr);
}

}  // namespace

Result<Bytes> host_from_text(const std::string& text) {
  if (text.starts_with('{')) {
    auto bytes = bytes_from_text(text);
    if (bytes && bytes->size() != 4 && bytes->size() != 16) {
      return Error{Errc::kInvalidArgument, fmt::format("host {} is no IP address", text)};
    }
    return bytes;
  }
  auto four = looked_up(text, AF_INET);
  return four ? four : looked_up(text, AF_INET6);
}

}  // namespace serval::tribes
