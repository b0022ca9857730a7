// cluster/tools/text/member_text.h
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cluster/tools/text/console.h"
#include "cluster/tribes/member.h"

namespace serval::tools {

/// "0f3a91c04b5e": the beginning of an id, enough to tell members and messages apart.
std::string short_id(std::span<const std::uint8_t> id);

/// "Serval", or "Tribes" for every other member: what it says about itself tells no more.
std::string kind_text(const tribes::Member& member);
/// The domain or a payload as server.xml may have it: its text, or "{1,2,-3}"; "-" if empty.
std::string field_text(const tribes::Bytes& field);
/// A payload; that of a Serval node says so itself: "-".
std::string payload_text(const tribes::Member& member);

/// What a line about one member says behind its address: "Serval  alive 3.2 s  id 0f3a91c04b5e",
/// then domain, ports and payload as far as there are any.
std::string member_facts(const tribes::Member& member);

/// A table of members, the local one first and marked, lines ended by '\n'. `width`: columns at
/// most, 0 = as many as it takes.
std::string member_table(const tribes::MemberPtr& local, const tribes::Members& members,
                         const Console& console, std::size_t width);

}  // namespace serval::tools
