#include "cluster/tribes/membership/static_member.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cluster/tribes/byte_text.h"
#include "cluster/tribes/host_address.h"

namespace serval::tribes {
namespace {

Result<> set_id(StaticMemberOptions& options, std::string_view text) {
  const auto bytes = bytes_from_text(text);
  if (!bytes) return bytes.error();
  if (bytes->size() != options.id.size()) {
    return Error{
        Errc::kInvalidArgument,
        fmt::format("a unique id has exactly {} bytes, as {{0,1,2,...}}", options.id.size())};
  }
  std::ranges::copy(*bytes, options.id.begin());
  return {};
}

}  // namespace

std::span<const Attribute<StaticMemberOptions>> static_member_attributes() {
  using O = StaticMemberOptions;
  static const std::array table{
      attribute("host", &O::host, "address or name of the member"),
      attribute("hostname", &O::host, "same as host"),
      attribute("port", &O::port, "port of its receiver"),
      attribute("securePort", &O::secure_port, "its port for TLS, -1 none"),
      attribute("udpPort", &O::udp_port, "its UDP port, -1 none"),
      bytes_attribute("domain", &O::domain, "its logical part of the cluster, text or {1,2}"),
      Attribute<O>{"uniqueId", "its id, {16 numbers}, the same on all nodes", set_id},
  };
  return table;
}

Result<std::unique_ptr<Member>> static_member(const Element& element, Diagnostics& diagnostics) {
  const auto options = read_options<StaticMemberOptions>(element, element.class_name(),
                                                         static_member_attributes(), diagnostics);
  auto member = std::make_unique<Member>();
  if (!options.host.empty()) {
    auto host = host_from_text(options.host);
    if (!host) return std::move(host).error();
    member->host = *std::move(host);
  } else if (element.name != "LocalMember") {
    return Error{Errc::kInvalidArgument, element.path + ": a member needs a host"};
  }
  member->port = options.port;
  member->secure_port = options.secure_port;
  member->udp_port = options.udp_port;
  member->domain = options.domain;
  member->id = options.id;
  member->is_static = true;
  return member;
}

}  // namespace serval::tribes
