#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "tests/style/source_tree.h"
#include "tests/support/vector_file.h"

namespace serval::style {
namespace {

using serval::testing::indexed_vectors;
using serval::testing::vector_folder;
using serval::testing::vector_of;

struct Unread {
  const char* prefix;  // of a name without its folder
  const char* reason;
};

/// Vectors that no test reads.
constexpr Unread kUnread[] = {
    {"response-note", "facts only: tribes.group.Response never travels"},
    {"xbytebuffer-", "single numbers; they are inside every member-* and channeldata-* vector"},
};

/// What tests name: "both/java-mixed-blockdata", or the beginning of names, "channeldata-options-".
std::set<std::string> named_in_tests() {
  static const std::regex literal("\"((?:both|v9|v10)/[a-z0-9-]+|[a-z0-9]+-[a-z0-9-]*)\"");
  std::set<std::string> names;
  for (const auto& [path, file] : source_tree().files()) {
    if (!path.starts_with("tests/") || path == "tests/style/vector_test.cpp") continue;
    if (file.text.find("tests/support/vector_file.h\"") == std::string::npos) continue;
    for (std::sregex_iterator it(file.text.begin(), file.text.end(), literal), end; it != end;
         ++it) {
      names.insert((*it)[1]);
    }
  }
  return names;
}

std::string without_folder(const std::string& name) { return name.substr(name.find('/') + 1); }

bool is_object_stream(const std::string& name) {
  const auto bytes = vector_of(name).bytes;
  return bytes.size() > 4 && bytes[0] == 0xAC && bytes[1] == 0xED;
}

}  // namespace

TEST(Vectors, AreReadByATestOrHaveAReason) {
  const auto names = named_in_tests();
  const auto is_named = [&](const std::string& vector) {
    const auto begins = [&](const auto& name) {
      return vector.starts_with(name) || without_folder(vector).starts_with(name);
    };
    return std::ranges::any_of(names, begins);
  };
  std::set<std::string_view> reasons;
  for (const auto& vector : indexed_vectors()) {
    if (is_object_stream(vector)) continue;  // java_vectors_test.cpp takes all of them
    const auto unread = std::ranges::find_if(
        kUnread, [&](const auto& row) { return without_folder(vector).starts_with(row.prefix); });
    if (unread == std::end(kUnread)) {
      EXPECT_TRUE(is_named(vector)) << vector << ": no test reads it, and no reason is given here";
    } else {
      reasons.insert(unread->prefix);
      EXPECT_FALSE(is_named(vector)) << vector << " is read by now: take away '" << unread->prefix
                                     << "' from tests/style/vector_test.cpp";
    }
  }
  EXPECT_EQ(reasons.size(), std::size(kUnread)) << "a reason is given for no vector";
}

TEST(Vectors, AreAllInTheIndex) {
  const auto indexed = indexed_vectors();
  const std::set<std::string> names(indexed.begin(), indexed.end());
  EXPECT_EQ(names.size(), indexed.size()) << "a vector is listed twice";
  std::set<std::string> files;
  for (const char* folder : {"both", "v9", "v10"}) {
    for (const auto& entry : std::filesystem::directory_iterator(vector_folder() / folder)) {
      files.insert(std::string(folder) + "/" + entry.path().stem().string());
    }
  }
  EXPECT_EQ(files, names);
}

}  // namespace serval::style
