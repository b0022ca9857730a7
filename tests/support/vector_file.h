// tests/support/vector_file.h
#pragma once
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace serval::testing {

/// One record of a golden vector file: its facts and its bytes (format:
/// tests/peers/vectors/README.md).
struct VectorRecord {
  std::multimap<std::string, std::string, std::less<>> facts;  // "what", "length", "member-at" …
  std::vector<std::uint8_t> bytes;

  /// The first fact of this key, or "".
  std::string fact(std::string_view key) const {
    const auto it = facts.find(key);
    return it == facts.end() ? std::string() : it->second;
  }
};

inline std::filesystem::path vector_folder() {
  return std::filesystem::path(SERVAL_SOURCE_DIR) / "tests/peers/vectors";
}

/// "0a0bff" as bytes; blanks are skipped. Throws on anything else.
inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    const std::size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) throw std::runtime_error("not a hex digit");
    if (high < 0) {
      high = static_cast<int>(digit);
    } else {
      bytes.push_back(static_cast<std::uint8_t>(high * 16 + static_cast<int>(digit)));
      high = -1;
    }
  }
  if (high >= 0) throw std::runtime_error("odd number of hex digits");
  return bytes;
}

template <class ByteRange>
std::string to_hex(const ByteRange& bytes) {
  std::string text;
  for (const auto b : bytes) {
    text += "0123456789abcdef"[static_cast<std::uint8_t>(b) >> 4];
    text += "0123456789abcdef"[static_cast<std::uint8_t>(b) & 15];
  }
  return text;
}

/// All records of a file. Throws when the file is missing, malformed, or a record's bytes do not
/// have the length that its header states (a truncated live record is exempt).
inline std::vector<VectorRecord> read_vector_file(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot open vector file " + path.string());
  std::vector<VectorRecord> records;
  bool open = false;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) {
      open = false;
      continue;
    }
    if (!open) records.emplace_back();
    open = true;
    if (line[0] == '#') {
      const auto colon = line.find(':');
      if (line.size() < 2 || colon == std::string::npos) continue;
      std::string value = line.substr(colon + 1);
      value.erase(0, value.find_first_not_of(' ') == std::string::npos
                         ? value.size()
                         : value.find_first_not_of(' '));
      records.back().facts.emplace(line.substr(2, colon - 2), std::move(value));
    } else {
      const auto bytes = from_hex(line);
      records.back().bytes.insert(records.back().bytes.end(), bytes.begin(), bytes.end());
    }
  }
  for (const auto& record : records) {
    const std::string length = record.fact("length");
    if (!length.empty() && record.fact("truncated").empty() &&
        record.bytes.size() != std::stoul(length)) {
      throw std::runtime_error("vector file " + path.string() + " has the wrong length");
    }
  }
  return records;
}

/// The single record of tests/peers/vectors/NAME.hex; name as "both/java-integer".
inline VectorRecord vector_of(std::string_view name) {
  auto records = read_vector_file(vector_folder() / (std::string(name) + ".hex"));
  if (records.size() != 1) throw std::runtime_error("not a single vector: " + std::string(name));
  return std::move(records.front());
}

/// Names ("both/java-integer") of all vectors that tests/peers/vectors/index.tsv lists, in its
/// order. Throws when there is none.
inline std::vector<std::string> indexed_vectors() {
  std::ifstream in(vector_folder() / "index.tsv");
  std::vector<std::string> names;
  std::string line;
  std::getline(in, line);  // the names of the columns
  while (std::getline(in, line)) {
    const std::string file = line.substr(0, line.find('\t'));
    if (file.ends_with(".hex")) names.push_back(file.substr(0, file.size() - 4));
  }
  if (names.empty()) throw std::runtime_error("no vector is listed in index.tsv");
  return names;
}

/// Those of them in a folder ("both") whose name begins so ("java-"), sorted.
inline std::vector<std::string> vector_names(std::string_view folder, std::string_view prefix) {
  const std::string begin = std::string(folder) + "/" + std::string(prefix);
  std::vector<std::string> names = indexed_vectors();
  std::erase_if(names, [&](const auto& name) { return !name.starts_with(begin); });
  std::ranges::sort(names);
  return names;
}

}  // namespace serval::testing
