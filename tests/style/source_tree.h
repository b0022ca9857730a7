// tests/style/source_tree.h
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval::style {

/// An #include line of a file.
struct Include {
  int line = 0;
  std::string text;    // as written, with quotes or angle brackets
  std::string target;  // path from the repository's root, or empty if it is no file of ours
};

struct SourceFile {
  std::string path;  // from the repository's root
  std::string text;
  std::vector<Include> includes;

  bool is_header() const { return path.ends_with(".h"); }
  bool is_code() const { return is_header() || path.ends_with(".cpp"); }
  std::string folder() const;
};

/// Every hand-written file of the repository, by path. Build results, vectors and run-time folders
/// are left out.
class SourceTree {
 public:
  explicit SourceTree(std::filesystem::path root);
  const std::map<std::string, SourceFile>& files() const { return files_; }
  const std::filesystem::path& root() const { return root_; }
  /// The file and everything of ours that it includes, directly or not.
  std::vector<const SourceFile*> closure(const SourceFile& file) const;

 private:
  void add(const std::filesystem::path& file);
  void resolve(SourceFile& file) const;
  const std::filesystem::path root_;
  std::map<std::string, SourceFile> files_;
};

/// The tree of this repository, read once.
const SourceTree& source_tree();

}  // namespace serval::style
