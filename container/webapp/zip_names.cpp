#include "container/webapp/zip_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string_view>

namespace serval::core {
namespace {

constexpr std::size_t kEndRecord = 22, kLocator = 20, kEnd64Record = 56, kHeader = 46;
constexpr std::size_t kMaxTail = kEndRecord + 65535 + kLocator;

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t length) {
  std::uint64_t value = 0;
  for (std::size_t i = length; i > 0; --i)
    value = value << 8 | static_cast<std::uint8_t>(bytes[at + i - 1]);
  return value;
}

bool read_at(std::ifstream& in, std::uint64_t offset, std::size_t length, std::string& into) {
  into.resize(length);
  in.clear();
  in.seekg(static_cast<std::streamoff>(offset));
  in.read(into.data(), static_cast<std::streamsize>(length));
  return static_cast<std::size_t>(in.gcount()) == length;
}

struct Directory {
  std::uint64_t offset, entries;
};

std::optional<Directory> find_directory(std::ifstream& in, std::uint64_t file_size) {
  const auto tail_size = static_cast<std::size_t>(std::min<std::uint64_t>(file_size, kMaxTail));
  std::string tail;
  if (tail_size < kEndRecord || !read_at(in, file_size - tail_size, tail_size, tail)) return {};
  const std::size_t end = tail.rfind("PK\5\6", tail.size() - kEndRecord);
  if (end == std::string::npos) return {};
  Directory found{number(tail, end + 16, 4), number(tail, end + 10, 2)};
  if (end >= kLocator && tail.compare(end - kLocator, 4, "PK\6\7") == 0) {
    std::string record;
    if (!read_at(in, number(tail, end - kLocator + 8, 8), kEnd64Record, record) ||
        !record.starts_with("PK\6\6"))
      return {};
    found = {number(record, 48, 8), number(record, 32, 8)};
  }
  return found;
}

}  // namespace

Result<std::optional<std::string>> find_name_with_nul(const std::filesystem::path& zip) {
  std::error_code failed;
  const std::uint64_t size = std::filesystem::file_size(zip, failed);
  std::ifstream in(zip, std::ios::binary);
  if (failed || !in) return Error{Errc::kIo, "cannot be read"};
  const auto directory = find_directory(in, size);
  if (!directory) return Error{Errc::kProtocol, "not a ZIP file, or cut off"};
  std::uint64_t at = directory->offset;
  std::string header, name;
  for (std::uint64_t i = 0; i < directory->entries; ++i) {
    if (!read_at(in, at, kHeader, header) || !header.starts_with("PK\1\2"))
      return Error{Errc::kProtocol, fmt::format("the directory is damaged at entry {}", i)};
    const auto name_size = static_cast<std::size_t>(number(header, 28, 2));
    if (!read_at(in, at + kHeader, name_size, name))
      return Error{Errc::kProtocol, fmt::format("the directory is cut off at entry {}", i)};
    if (name.find('\0') != std::string::npos) {
      std::string shown;
      for (const char c : name) c ? shown += c : shown += "\\0";
      return std::optional(shown);
    }
    at += kHeader + name_size + number(header, 30, 2) + number(header, 32, 2);
  }
  return std::optional<std::string>();
}

}  // namespace serval::core
