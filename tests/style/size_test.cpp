#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/style/source_tree.h"

namespace serval::style {

TEST(Sizes, NoHandWrittenFileIsLongerThan600Lines) {
  // A licence text and Tomcat's table of MIME types are data.
  const std::set<std::string> data{"LICENSE", "conf/web.xml"};
  for (const auto& [path, file] : source_tree().files()) {
    if (data.contains(path)) continue;
    const auto lines = std::ranges::count(file.text, '\n');
    EXPECT_LE(lines, 600) << path << ": split it by reason to change";
  }
}

TEST(Headers, BeginWithPragmaOnce) {
  for (const auto& [path, file] : source_tree().files()) {
    if (!file.is_header()) continue;
    const std::size_t pragma = file.text.find("#pragma once");
    const std::size_t include = file.text.find("#include");
    EXPECT_NE(pragma, std::string::npos) << path;
    EXPECT_LT(pragma, include) << path << ": #pragma once stands before the first #include";
  }
}

}  // namespace serval::style
