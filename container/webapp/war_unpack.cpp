#include "container/webapp/war_unpack.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "container/base/ascii.h"
#include "container/base/log.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;
const Log kLog{"org.apache.catalina.startup.ExpandWar"};

Result<> set_modified_ms(const fs::path& file, std::int64_t ms) {
  const timespec time{ms / 1000, ms % 1000 * 1'000'000};
  const timespec both[2] = {time, time};
  if (::utimensat(AT_FDCWD, file.c_str(), both, 0) != 0)
    return Error{Errc::kIo, fmt::format("time of [{}] cannot be set: {}", file.string(),
                                        std::strerror(errno))};
  return {};
}

}  // namespace

std::int64_t modified_ms(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return 0;
  return status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1'000'000;
}

bool is_war(const fs::path& file) { return same_ignoring_case(file.extension().string(), ".war"); }

Result<> unpack_war(const fs::path& war, const fs::path& directory, const WarLimits& limits) {
  const fs::path tracking = directory / "META-INF/war-tracking";
  const std::int64_t war_time = modified_ms(war);
  std::error_code failed;
  if (fs::exists(directory, failed)) {
    if (!fs::exists(tracking, failed) || modified_ms(tracking) == war_time) return {};
    kLog.info(
        "An expanded directory [{}] was found with a last modified time that did not match the "
        "associated WAR. It will be deleted.",
        directory.string());
    fs::remove_all(directory, failed);
    if (failed)
      return Error{Errc::kIo, fmt::format("Directory [{}] cannot be removed: {}",
                                          directory.string(), failed.message())};
  }
  auto archive = WarArchive::open(war, limits);
  if (!archive) return std::move(archive).error();
  fs::create_directories(tracking.parent_path(), failed);
  std::ofstream(tracking).flush();
  auto done = set_modified_ms(tracking, 0);  // says "not complete" until the end
  if (done) done = archive->extract_to(directory);
  if (done) done = set_modified_ms(tracking, war_time);
  if (!done) fs::remove_all(directory, failed);
  return done;
}

}  // namespace serval::core
