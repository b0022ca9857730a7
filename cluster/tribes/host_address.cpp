#include "cluster/tribes/host_address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>

#include "cluster/tribes/byte_text.h"

namespace serval::tribes {
namespace {

Bytes raw_address(const addrinfo& found) {
  const auto copy = [](const auto& field) {
    const auto* const first = reinterpret_cast<const std::uint8_t*>(&field);
    return Bytes(first, first + sizeof field);
  };
  if (found.ai_family == AF_INET) {
    return copy(reinterpret_cast<const sockaddr_in*>(found.ai_addr)->sin_addr);
  }
  return copy(reinterpret_cast<const sockaddr_in6*>(found.ai_addr)->sin6_addr);
}

Result<Bytes> looked_up(const std::string& name, Family family) {
  auto all = host_addresses(name, family);
  if (!all) return std::move(all).error();
  return std::move(all->front());
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
  auto four = looked_up(text, Family::kV4);
  return four ? four : looked_up(text, Family::kV6);
}

Result<std::vector<Bytes>> host_addresses(const std::string& name, Family family) {
  addrinfo wanted{};
  wanted.ai_family = family == Family::kV4 ? AF_INET : AF_INET6;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(name.c_str(), nullptr, &wanted, &list);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, &::freeaddrinfo);
  if (failed != 0 || !list) {
    return Error{Errc::kNotFound,
                 fmt::format("host [{}] does not resolve: {}", name, ::gai_strerror(failed))};
  }
  std::vector<Bytes> all;
  for (const addrinfo* one = list; one; one = one->ai_next) all.push_back(raw_address(*one));
  return all;
}

}  // namespace serval::tribes
