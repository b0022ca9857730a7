// Who may include whom. One table; the folders of the container stand in their order.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "tests/style/source_tree.h"

namespace serval::style {

namespace {

// A folder may use itself, what is listed, and for the container's inner folders each earlier one.
struct Layer {
  std::string prefix;
  std::vector<std::string> may_use;
};

const std::vector<std::string> kInner{"database",  "session", "mapper",        "realm",
                                      "core",      "valves",  "authenticator", "manager",
                                      "resources", "webapp",  "startup",       "connector"};

std::vector<Layer> layers() {
  std::vector<Layer> all{
      {"container/base/", {}},
      {"container/servlet/", {}},
      {"container/serialization/", {"container/base/", "container/servlet/"}},
      {"container/config/", {"container/base/"}},
      {"cluster/tribes/",
       {"container/base/", "container/serialization/", "container/servlet/serval/value.h"}},
      {"cluster/tools/",
       {"container/base/", "container/config/", "container/serialization/",
        "container/servlet/serval/value.h", "cluster/tribes/"}},
      {"cluster/ha/", {"container/", "cluster/tribes/"}},
      {"webapps/", {"container/servlet/"}},
      {"tests/bench/app/", {"container/servlet/"}},
      {"tests/", {"container/", "cluster/", "bin/", "webapps/"}},
      {"bin/", {"container/", "cluster/"}},
  };
  std::vector<std::string> earlier{"container/base/", "container/servlet/",
                                   "container/serialization/", "container/config/"};
  for (const std::string& folder : kInner) {
    all.push_back({"container/" + folder + "/", earlier});
    earlier.push_back("container/" + folder + "/");
  }
  return all;
}

const Layer* layer_of(const std::vector<Layer>& all, const std::string& path) {
  const auto found =
      std::ranges::find_if(all, [&](const Layer& l) { return path.starts_with(l.prefix); });
  return found == all.end() ? nullptr : &*found;
}

bool allowed(const Layer& layer, const std::string& target) {
  return target.starts_with(layer.prefix) ||
         std::ranges::any_of(layer.may_use,
                             [&](const std::string& p) { return target.starts_with(p); });
}

}  // namespace

TEST(Layers, EveryCodeFileBelongsToOne) {
  const std::vector<Layer> all = layers();
  for (const auto& [path, file] : source_tree().files()) {
    if (!file.is_code()) continue;
    EXPECT_NE(layer_of(all, path), nullptr)
        << path << ": this folder has no place in the table of layers";
  }
}

TEST(Layers, IncludesGoDownwardsOnly) {
  const std::vector<Layer> all = layers();
  for (const auto& [path, file] : source_tree().files()) {
    const Layer* layer = layer_of(all, path);
    if (!file.is_code() || !layer) continue;
    for (const Include& include : file.includes) {
      if (include.target.empty()) continue;
      EXPECT_TRUE(allowed(*layer, include.target))
          << path << ":" << include.line << ": " << layer->prefix << " must not include "
          << include.target;
    }
  }
}

TEST(Layers, QuotedIncludesAreFilesOfTheRepository) {
  for (const auto& [path, file] : source_tree().files()) {
    for (const Include& include : file.includes) {
      EXPECT_TRUE(!include.text.starts_with('"') || !include.target.empty())
          << path << ":" << include.line << ": no file \"" << include.text.substr(1) << "\"";
    }
  }
}

TEST(Layers, TheServletApiNeedsTheStandardLibraryOnly) {
  for (const auto& [path, file] : source_tree().files()) {
    if (!path.starts_with("container/servlet/")) continue;
    for (const Include& include : file.includes) {
      const bool standard = include.text.find_first_of("./") == std::string::npos;
      EXPECT_TRUE(standard || !include.target.empty())
          << path << ":" << include.line << ": " << include.text << "> is not standard C++";
    }
  }
}

TEST(Layers, FoldersHaveNoCycle) {
  std::map<std::string, std::set<std::string>> edges;
  for (const auto& [path, file] : source_tree().files()) {
    if (!path.starts_with("container/") && !path.starts_with("cluster/")) continue;
    for (const Include& include : file.includes) {
      if (include.target.empty()) continue;
      const std::string to = source_tree().files().at(include.target).folder();
      if (to != file.folder()) edges[file.folder()].insert(to);
    }
  }
  std::set<std::string> done;
  std::vector<std::string> way;
  const std::function<void(const std::string&)> visit = [&](const std::string& folder) {
    const auto before = std::ranges::find(way, folder);
    if (before != way.end()) {
      std::string cycle;
      for (auto it = before; it != way.end(); ++it) cycle += *it + " -> ";
      ADD_FAILURE() << "folders include each other: " << cycle << folder;
      return;
    }
    if (!done.insert(folder).second) return;
    way.push_back(folder);
    for (const std::string& next : edges[folder]) visit(next);
    way.pop_back();
  };
  for (const auto& [path, file] : source_tree().files()) {
    if (edges.contains(file.folder())) visit(file.folder());
  }
}

}  // namespace serval::style
