#pragma once
#include <string>
#include <vector>

#include "cluster/tribes/member.h"
#include "container/base/result.h"

namespace serval::tribes {

/// Raw address of a host: "{127,0,0,1}" is its bytes, anything else an IP address or a name, which
/// is looked up (IPv4 before IPv6). Blocks for a name. Errors: kInvalidArgument or kNotFound, with
/// the text.
Result<Bytes> host_from_text(const std::string& text);

enum class Family { kV4, kV6 };
/// All raw addresses of one family that a name has, in the resolver's order. Blocks.
/// Errors: kNotFound with the name and the reason.
Result<std::vector<Bytes>> host_addresses(const std::string& name, Family family);

}  // namespace serval::tribes
