#include "cluster/tools/text/member_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "cluster/tools/text/printable.h"
#include "cluster/tools/text/quantity.h"
#include "cluster/tribes/serval_peer.h"

namespace serval::tools {
namespace {

using tribes::Bytes;
using tribes::Member;

std::string alive_text(const Member& member) {
  return duration_text(std::chrono::milliseconds(std::max<std::int64_t>(0, member.alive_ms)));
}

std::string port_text(std::int32_t port) { return port > 0 ? std::to_string(port) : "-"; }

using Row = std::vector<std::string>;

Row row_of(const Member& member) {
  return {member.address_text(),
          kind_text(member),
          alive_text(member),
          field_text(member.domain),
          port_text(member.secure_port),
          port_text(member.udp_port),
          payload_text(member),
          hex(member.id)};
}

const Row kHead{"ADDRESS", "KIND", "ALIVE", "DOMAIN", "SECURE", "UDP", "PAYLOAD", "ID"};

/// Columns in which some member has something; the first three and the id always.
std::vector<std::size_t> columns_of(const std::vector<Row>& rows) {
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < kHead.size(); ++c) {
    const bool optional = c >= 3 && c + 1 < kHead.size();
    if (!optional || std::ranges::any_of(rows, [c](const Row& row) { return row[c] != "-"; }))
      columns.push_back(c);
  }
  return columns;
}

}  // namespace

std::string short_id(std::span<const std::uint8_t> id) {
  return hex(id.first(std::min<std::size_t>(6, id.size())));
}

std::string kind_text(const Member& member) { return is_serval(member) ? "Serval" : "Tribes"; }

std::string field_text(const Bytes& field) {
  if (field.empty()) return "-";
  const bool plain =
      std::ranges::all_of(field, [](std::uint8_t c) { return c >= 0x20 && c < 0x7F; });
  if (plain) return cut(std::string(field.begin(), field.end()), 40);
  std::string text;
  for (const std::uint8_t byte : field) {
    text += fmt::format("{}{}", text.empty() ? "" : ",", static_cast<std::int8_t>(byte));
    if (text.size() > 40) break;
  }
  return cut("{" + text + "}", 40);
}

std::string payload_text(const Member& member) {
  return is_serval(member) ? "-" : field_text(member.payload);
}

std::string member_facts(const Member& member) {
  std::string text = fmt::format("{}  alive {}  id {}", kind_text(member), alive_text(member),
                                 short_id(member.id));
  if (!member.domain.empty()) text += "  domain " + field_text(member.domain);
  if (member.secure_port > 0) text += fmt::format("  secure {}", member.secure_port);
  if (member.udp_port > 0) text += fmt::format("  udp {}", member.udp_port);
  if (payload_text(member) != "-") text += "  payload " + payload_text(member);
  if (!member.command.empty() && !member.is_shutdown())
    text += "  command " + field_text(member.command);
  return text;
}

std::string member_table(const tribes::MemberPtr& local, const tribes::Members& members,
                         const Console& console, std::size_t width) {
  std::vector<Row> rows;
  if (local) rows.push_back(row_of(*local));
  for (const auto& member : members) rows.push_back(row_of(*member));
  const std::vector<std::size_t> columns = columns_of(rows);
  std::vector<std::size_t> widths;
  for (const std::size_t c : columns) {
    std::size_t widest = kHead[c].size();
    for (const Row& row : rows) widest = std::max(widest, width_of(row[c]));
    widths.push_back(widest);
  }
  const auto line_of = [&](const Row& row, std::string_view mark) {
    std::string line = left(mark, 2);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const bool last = i + 1 == columns.size();
      line += last ? row[columns[i]] : left(row[columns[i]], widths[i] + 2);
    }
    return width > 0 ? cut(line, width) : line;
  };
  std::string table = console.styled(Look::kDim, line_of(kHead, "")) + "\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool is_local = local && i == 0;
    const std::string line = line_of(rows[i], is_local ? "*" : "");
    table += (is_local ? console.styled(Look::kDim, line) : line) + "\n";
  }
  return table;
}

}  // namespace serval::tools
