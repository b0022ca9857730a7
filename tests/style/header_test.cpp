// Every header compiles alone. A header that some source file of ours includes first is proven by
// the build; the others are compiled here, two at a time, and only when something they include has
// changed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <future>
#include <set>

#include "tests/style/source_tree.h"

namespace serval::style {

namespace fs = std::filesystem;

namespace {

std::uint64_t fingerprint(const SourceFile& header) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const SourceFile* file : source_tree().closure(header)) {
    for (const char c : file->path + '\n' + file->text) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
  }
  return hash;
}

fs::path stamp_of(const SourceFile& header) {
  std::string name = header.path;
  std::ranges::replace(name, '/', '.');
  return fs::path(SERVAL_BINARY_DIR) / "style" / name;
}

/// What the compiler says; empty when it is content.
std::string compile(const SourceFile& header) {
  const std::string root = source_tree().root().string();
  const std::string command = std::string(SERVAL_CXX) +
                              " -std=c++20 -fsyntax-only -Wall -Wextra -Werror "
                              "-DBOOST_ASIO_NO_DEPRECATED -DSPDLOG_FMT_EXTERNAL "
                              "-DSERVAL_SOURCE_DIR='\"\"' -DSERVAL_BINARY_DIR='\"\"' -I'" +
                              root + "' -I'" + root + "/container/servlet' -x c++ -include '" +
                              root + "/" + header.path + "' /dev/null 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return "cannot start " SERVAL_CXX;
  std::string output;
  for (char buffer[4096]; const std::size_t size = fread(buffer, 1, sizeof buffer, pipe);) {
    output.append(buffer, size);
  }
  const int status = pclose(pipe);
  return status == 0 ? "" : output.empty() ? "exit status " + std::to_string(status) : output;
}

std::set<std::string> proven_by_the_build() {
  std::set<std::string> headers;
  for (const auto& [path, file] : source_tree().files()) {
    const bool built = path.starts_with("container/") || path.starts_with("cluster/");
    if (built && path.ends_with(".cpp") && !file.includes.empty()) {
      headers.insert(file.includes.front().target);
    }
  }
  return headers;
}

void check(const std::vector<const SourceFile*>& headers, std::size_t begin, std::size_t step,
           std::vector<std::string>& errors) {
  for (std::size_t i = begin; i < headers.size(); i += step) {
    const std::string want = std::to_string(fingerprint(*headers[i]));
    std::string known;
    std::getline(std::ifstream(stamp_of(*headers[i])), known);
    if (known == want) continue;
    errors[i] = compile(*headers[i]);
    if (errors[i].empty()) std::ofstream(stamp_of(*headers[i])) << want << '\n';
  }
}

}  // namespace

TEST(Headers, CompileAlone) {
  fs::create_directories(fs::path(SERVAL_BINARY_DIR) / "style");
  const std::set<std::string> proven = proven_by_the_build();
  std::vector<const SourceFile*> headers;
  for (const auto& [path, file] : source_tree().files()) {
    if (file.is_header() && !proven.contains(path)) headers.push_back(&file);
  }
  std::vector<std::string> errors(headers.size());
  auto half = std::async(std::launch::async, [&] { check(headers, 0, 2, errors); });
  check(headers, 1, 2, errors);
  half.get();
  for (std::size_t i = 0; i < headers.size(); ++i) {
    EXPECT_TRUE(errors[i].empty()) << headers[i]->path << "\n" << errors[i];
  }
}

}  // namespace serval::style
