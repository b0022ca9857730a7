#include "tests/style/source_tree.h"

#include <array>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

namespace serval::style {

namespace fs = std::filesystem;

namespace {

constexpr std::array kTops{"bin", "container", "cluster", "conf", "tests", "webapps", ".ci"};
// Recorded bytes, and what a build or a run leaves behind.
const std::regex kLeftOut("^tests/peers/vectors/|^tests/peers/webapp/build/|/WEB-INF/lib/|\\.war$");

}  // namespace

std::string SourceFile::folder() const {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

SourceTree::SourceTree(fs::path root) : root_(std::move(root)) {
  for (const char* top : kTops) {
    if (!fs::exists(root_ / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / top)) {
      if (entry.is_regular_file()) add(entry.path());
    }
  }
  for (const auto& entry : fs::directory_iterator(root_)) {
    if (entry.is_regular_file()) add(entry.path());
  }
  for (auto& [path, file] : files_) {
    if (file.is_code()) resolve(file);
  }
}

void SourceTree::add(const fs::path& file) {
  const std::string path = fs::relative(file, root_).generic_string();
  if (std::regex_search(path, kLeftOut)) return;
  std::ifstream in(file, std::ios::binary);
  SourceFile source{path, {std::istreambuf_iterator<char>(in), {}}, {}};
  if (source.text.find('\0') != std::string::npos) return;
  files_.emplace(path, std::move(source));
}

void SourceTree::resolve(SourceFile& file) const {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re");
  int number = 0;
  for (std::size_t start = 0; start < file.text.size();) {
    std::size_t end = file.text.find('\n', start);
    if (end == std::string::npos) end = file.text.size();
    const std::string line = file.text.substr(start, end - start);
    start = end + 1;
    ++number;
    std::smatch match;
    if (!std::regex_search(line, match, kInclude)) continue;
    const std::string name = match[2];
    Include include{number, match[1].str() + name, ""};
    const std::string beside = (fs::path(file.folder()) / name).lexically_normal().generic_string();
    const std::array<std::string, 3> candidates{beside, name, "container/servlet/" + name};
    for (const std::string& candidate : candidates) {
      if (candidate == beside && match[1] == "<") continue;
      if (files_.contains(candidate)) {
        include.target = candidate;
        break;
      }
    }
    file.includes.push_back(std::move(include));
  }
}

std::vector<const SourceFile*> SourceTree::closure(const SourceFile& file) const {
  std::set<std::string> seen{file.path};
  std::vector<const SourceFile*> found{&file};
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const Include& include : found[i]->includes) {
      if (include.target.empty() || !seen.insert(include.target).second) continue;
      found.push_back(&files_.at(include.target));
    }
  }
  return found;
}

const SourceTree& source_tree() {
  static const SourceTree tree(SERVAL_SOURCE_DIR);
  return tree;
}

}  // namespace serval::style
