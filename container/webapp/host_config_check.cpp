#include <algorithm>
#include <thread>

#include "container/base/log.h"
#include "container/webapp/host_config.h"
#include "container/webapp/war_unpack.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;
const Log kLog{"org.apache.catalina.startup.HostConfig"};

}  // namespace

bool HostConfig::is_old_enough(std::int64_t modified, bool skip_age) const {
  return skip_age || modified < clock_.wall_ms() - timing_.file_age.count();
}

void HostConfig::check_application(DeployedApplication& application, bool skip_age) {
  if (check_redeploy(application, skip_age)) check_reload(application, skip_age);
}

/// False when nothing is left to look at: the application was undeployed or reloaded.
bool HostConfig::check_redeploy(DeployedApplication& application, bool skip_age) {
  auto& files = application.redeploy.rows();
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto& [file, known] = files[i];
    std::error_code failed;
    const std::int64_t modified = modified_ms(file);
    if (modified == 0 && known != 0) {
      std::this_thread::sleep_for(timing_.recheck);
      if (fs::exists(file, failed)) continue;
      remove_application(application, i + 1, true);
      return false;
    }
    if (modified == known || !is_old_enough(modified, skip_age)) continue;
    if (fs::is_directory(file, failed)) {
      known = modified;
    } else if (application.has_descriptor && is_war(file)) {
      known = modified;
      reload(application);  // which unpacks it again
      return false;
    } else {
      remove_application(application, i + 1, false);
      return false;
    }
  }
  return true;
}

void HostConfig::check_reload(DeployedApplication& application, bool skip_age) {
  const auto is_changed = [&](const WatchedFiles::Row& row) {
    const std::int64_t modified = modified_ms(row.first);
    return modified != row.second && is_old_enough(modified, skip_age);
  };
  if (std::ranges::none_of(application.reload.rows(), is_changed)) return;
  for (auto& [file, known] : application.reload.rows()) known = modified_ms(file);
  reload(application);
}

void HostConfig::reload(DeployedApplication& application) {
  const auto child = host_.find_child(application.names.name);
  if (!child) return;
  auto& context = static_cast<Context&>(*child);
  if (context.is_available()) {
    kLog.info("Reloading context [{}]", application.names.name);
    if (auto done = context.reload(); !done)
      kLog.error("Context [{}] could not be reloaded: {}", application.names.name,
                 done.error().message);
  } else {
    kLog.info("Restarting context [{}]", application.names.name);
    if (auto done = context.start(); !done)
      kLog.warn("Error during context [{}] restart: {}", application.names.name,
                done.error().message);
  }
  watch_resources(application, &context);
  // What a new unpacking changed is no change to look at again.
  for (auto& [file, known] : application.redeploy.rows()) known = modified_ms(file);
}

/// Stops the application and deletes those of its files, from `first_file` on, that are the host's.
void HostConfig::remove_application(DeployedApplication& application, std::size_t first_file,
                                    bool with_reload_files) {
  const std::string name = application.names.name;
  kLog.info("Undeploying context [{}]", name);
  host_.remove_child(name);
  Application kept;  // `application` lives until the end of this function
  {
    const std::lock_guard lock(mutex_);
    const auto found =
        std::ranges::find_if(deployed_, [&](const auto& a) { return a.get() == &application; });
    if (found != deployed_.end()) {
      kept = *found;
      deployed_.erase(found);
    }
  }
  const auto remove = [&](const fs::path& file) {
    if (!may_delete(file)) return;
    kLog.debug("Deleting [{}]", file.string());
    std::error_code failed;
    fs::remove_all(file, failed);
    if (failed) kLog.error("[{}] could not be deleted: {}", file.string(), failed.message());
  };
  const auto& files = application.redeploy.rows();
  for (std::size_t i = first_file; i < files.size(); ++i) remove(files[i].first);
  if (!with_reload_files) return;
  for (const auto& [file, known] : application.reload.rows()) remove(file);
}

/// Only what stands directly in appBase, and descriptors in xmlBase; never the defaults.
bool HostConfig::may_delete(const fs::path& file) const {
  if (file.filename() == "context.xml.default" || !file.is_absolute()) return false;
  std::error_code failed;
  const auto parent = fs::weakly_canonical(file.parent_path(), failed);
  if (failed) return false;
  if (parent == fs::weakly_canonical(host_.app_base, failed)) return true;
  return parent == fs::weakly_canonical(host_.xml_base, failed) && file.extension() == ".xml";
}

void HostConfig::undeploy_old_versions() {
  std::vector<ContextName> names;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& a : deployed_) names.push_back(a->names);
  }
  std::ranges::sort(names, [](const auto& a, const auto& b) {
    return std::pair(a.path, a.version) < std::pair(b.path, b.version);
  });
  for (std::size_t i = 1; i < names.size(); ++i) {
    const ContextName& old = names[i - 1];
    if (old.path != names[i].path) continue;
    const auto newer = host_.find_child(names[i].name), child = host_.find_child(old.name);
    if (!newer || !newer->is_available() || !child || !child->is_available() ||
        !try_add_serviced(old.name))
      continue;
    const auto* const manager = static_cast<Context&>(*child).manager();
    const auto application = find(old.name);
    if (application && manager && manager->active_sessions() == 0) {
      kLog.info("Undeploying old version of context [{}] which has no active session", old.name);
      remove_application(*application, 0, true);
    }
    remove_serviced(old.name);
  }
}

}  // namespace serval::core
