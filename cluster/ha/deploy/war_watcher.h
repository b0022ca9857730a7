// cluster/ha/deploy/war_watcher.h
#pragma once
#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cluster/ha/deploy/war_file.h"

namespace serval::ha {

/// Looks at the *.war files of a directory and says what changed since the last look. Knows nothing
/// of clusters.
///
/// A change is reported once the file has been left alone for a second, so that a copy in progress
/// is not taken. A file that arrived from the farm (came_from_farm) is no change, however often it
/// is touched, as long as its content is the same. Threads: not thread-safe; the deployer's worker
/// uses it. Source: Tomcat org.apache.catalina.ha.deploy.WarWatcher.
class WarWatcher {
 public:
  struct Changes {
    std::vector<std::filesystem::path> modified, removed;
  };

  explicit WarWatcher(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Takes the files that are there now as known: they are no news.
  void accept_present();
  Changes check(std::filesystem::file_time_type now);
  /// The file that stands there now, with this content, is the farm's: no change to report.
  void came_from_farm(const std::string& file_name, const Digest& digest);
  /// The farm removes the file: its absence is no change to report.
  void removed_by_farm(const std::string& file_name);

 private:
  struct Known {
    std::filesystem::file_time_type modified{};
    std::uintmax_t size = 0;
    bool has_farm_digest = false;
    Digest farm_digest{};
  };
  const std::filesystem::path directory_;
  std::map<std::string, Known> known_;
};

}  // namespace serval::ha
