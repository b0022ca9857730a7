#include "cluster/tribes/membership/last_member.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "cluster/tribes/membership/member_codec.h"

namespace serval::tribes {
namespace fs = std::filesystem;

std::optional<Member> LastMember::lost_at(const Member& here) const {
  if (file_.empty()) return std::nullopt;
  std::ifstream in(file_, std::ios::binary);
  const Bytes record(std::istreambuf_iterator<char>(in), {});
  auto member = decode_member(record);
  if (!member || !same_place(*member, here) || *member == here) return std::nullopt;
  return *std::move(member);
}

Result<> LastMember::keep(const Member& here) const {
  if (file_.empty()) return {};
  std::error_code ec;
  fs::create_directories(file_.parent_path(), ec);
  const Bytes record = encode_member(here);
  std::ofstream out(file_, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(record.data()),
            static_cast<std::streamsize>(record.size()));
  out.close();
  if (out) return {};
  return Error{Errc::kIo, fmt::format("cannot write [{}]: {}", file_.string(),
                                      ec ? ec.message() : std::strerror(errno))};
}

Result<> LastMember::forget() const {
  std::error_code ec;
  if (file_.empty() || fs::remove(file_, ec) || !ec) return {};
  return Error{Errc::kIo, fmt::format("cannot remove [{}]: {}", file_.string(), ec.message())};
}

}  // namespace serval::tribes
