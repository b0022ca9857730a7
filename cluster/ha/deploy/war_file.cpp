#include "cluster/ha/deploy/war_file.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <memory>
#include <vector>

namespace serval::ha {
namespace {

constexpr std::size_t kEndRecord = 22;
constexpr std::size_t kMaxComment = 65535;

std::uint32_t little_endian(const char* at, int bytes) {
  std::uint32_t value = 0;
  for (int i = bytes - 1; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(at[i]);
  return value;
}

}  // namespace

Result<Digest> digest_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{Errc::kIo, fmt::format("cannot read {}", file.string())};
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::vector<char> piece(64 * 1024);
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
    EVP_DigestUpdate(context.get(), piece.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return Error{Errc::kIo, fmt::format("cannot read {}", file.string())};
  Digest digest{};
  EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
  return digest;
}

bool is_complete_zip(const std::filesystem::path& file) {
  std::error_code ec;
  const auto size = std::filesystem::file_size(file, ec);
  if (ec || size < kEndRecord) return false;
  const auto tail_size =
      static_cast<std::size_t>(std::min<std::uintmax_t>(size, kEndRecord + kMaxComment));
  std::vector<char> tail(tail_size);
  std::ifstream in(file, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(size - tail_size));
  if (!in.read(tail.data(), static_cast<std::streamsize>(tail_size))) return false;
  for (std::size_t at = tail_size - kEndRecord + 1; at-- > 0;) {
    const char* record = tail.data() + at;
    if (std::string_view(record, 4) != std::string_view("PK\5\6", 4)) continue;
    const std::uint64_t directory_size = little_endian(record + 12, 4);
    const std::uint64_t directory_at = little_endian(record + 16, 4);
    const std::uint64_t comment = little_endian(record + 20, 2);
    const std::uint64_t record_at = size - tail_size + at;
    return record_at + kEndRecord + comment == size && directory_at + directory_size <= record_at;
  }
  return false;
}

bool is_safe_war_name(std::string_view name) {
  constexpr std::string_view kSuffix = ".war";
  if (name.size() <= kSuffix.size() || name.size() > 255 || name.front() == '.') return false;
  if (name.find("..") != name.npos || name.find_first_of("/\\") != name.npos) return false;
  if (std::ranges::any_of(name,
                          [](char c) { return std::iscntrl(static_cast<unsigned char>(c)) != 0; }))
    return false;
  return std::ranges::equal(name.substr(name.size() - kSuffix.size()), kSuffix, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

}  // namespace serval::ha
