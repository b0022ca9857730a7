#include "cluster/ha/deploy/war_watcher.h"

#include <set>
#include <utility>

namespace serval::ha {
namespace {

struct Found {
  std::filesystem::path path;
  std::filesystem::file_time_type modified;
  std::uintmax_t size;
};

std::vector<Found> list(const std::filesystem::path& directory) {
  std::vector<Found> files;
  std::error_code ec;
  for (auto it = std::filesystem::directory_iterator(directory, ec);
       !ec && it != std::filesystem::directory_iterator(); it.increment(ec)) {
    std::error_code file_ec;  // a file may vanish while we look
    if (!it->is_regular_file(file_ec) || !is_safe_war_name(it->path().filename().string()))
      continue;
    const auto modified = it->last_write_time(file_ec);
    const auto size = it->file_size(file_ec);
    if (!file_ec) files.push_back({it->path(), modified, size});
  }
  return files;
}

}  // namespace

void WarWatcher::accept_present() {
  for (const Found& file : list(directory_)) {
    Known& known = known_[file.path.filename().string()];
    known.modified = file.modified;
    known.size = file.size;
  }
}

WarWatcher::Changes WarWatcher::check(std::filesystem::file_time_type now) {
  Changes changes;
  std::set<std::string> present;
  for (const Found& file : list(directory_)) {
    std::string name = file.path.filename().string();
    present.insert(name);
    const auto it = known_.find(name);
    if (it != known_.end() && it->second.modified == file.modified && it->second.size == file.size)
      continue;
    const auto age = now - file.modified;
    if (age >= std::chrono::seconds(0) && age < std::chrono::seconds(1))
      continue;  // maybe still being written
    Known& known = known_[std::move(name)];
    known.modified = file.modified;
    known.size = file.size;
    if (known.has_farm_digest) {
      const auto digest = digest_of(file.path);
      if (digest && *digest == known.farm_digest) continue;
      known.has_farm_digest = false;
    }
    changes.modified.push_back(file.path);
  }
  for (auto it = known_.begin(); it != known_.end();) {
    if (present.contains(it->first)) {
      ++it;
      continue;
    }
    changes.removed.push_back(directory_ / it->first);
    it = known_.erase(it);
  }
  return changes;
}

void WarWatcher::came_from_farm(const std::string& file_name, const Digest& digest) {
  std::error_code ec;
  const auto modified = std::filesystem::last_write_time(directory_ / file_name, ec);
  const auto size = ec ? 0 : std::filesystem::file_size(directory_ / file_name, ec);
  if (!ec) known_[file_name] = {modified, size, true, digest};
}

void WarWatcher::removed_by_farm(const std::string& file_name) { known_.erase(file_name); }

}  // namespace serval::ha
