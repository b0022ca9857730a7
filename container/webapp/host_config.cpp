#include "container/webapp/host_config.h"

#include <algorithm>

#include "container/base/log.h"
#include "container/core/container_beans.h"
#include "container/webapp/war_unpack.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;
const Log kLog{"org.apache.catalina.startup.HostConfig"};

class Listener final : public LifecycleListener {
 public:
  explicit Listener(HostConfig& config) : config_(config) {}
  void lifecycle_event(const LifecycleEvent& event) override {
    config_.lifecycle_event(event.type);
  }

 private:
  HostConfig& config_;
};

}  // namespace

void WatchedFiles::put(const fs::path& file, std::int64_t modified) {
  const auto found = std::ranges::find(rows_, file, &Row::first);
  if (found == rows_.end())
    rows_.emplace_back(file, modified);
  else
    found->second = modified;
}

void WatchedFiles::put_now(const fs::path& file) { put(file, modified_ms(file)); }

HostConfig::HostConfig(ApplicationEnvironment& environment, Host& host, Timing timing,
                       const Clock& clock)
    : environment_(environment), host_(host), timing_(timing), clock_(clock) {
  const std::string& ignore = host.options().deploy_ignore;
  if (auto parsed = parse_into(ignore, ignore_); !parsed)
    kLog.error("Host [{}]: deployIgnore [{}]: {}", host.name(), ignore, parsed.error().message);
}

void HostConfig::attach(ApplicationEnvironment& environment, Host& host) {
  auto config = std::make_unique<HostConfig>(environment, host);
  host.add_lifecycle_listener(std::make_unique<Listener>(*config));
  host.set_deployer(std::move(config));
}

const BeanTable<HostConfig>& HostConfig::table() {
  using This = HostConfig;
  static const auto table = [] {
    BeanTable<This> made{"org.apache.catalina.startup.HostConfig", {}, {}};
    made.read("className", [name = made.class_name](const This&) { return name; })
        .read("configBaseName", [](const This& c) { return c.host_.xml_base.string(); })
        .read("contextClass",
              [](const This&) {
                return std::string_view("org.apache.catalina.core.StandardContext");
              })
        .read("copyXML", [](const This&) { return false; })
        .read("deployXML", [](const This& c) { return c.host_.options().deploy_xml; })
        .read("unpackWARs", [](const This& c) { return c.host_.options().unpack_wars; })
        .run("checkUndeploy", [](This& c) { c.undeploy_old_versions(); });
    const auto add = [&made](std::string_view name, auto call) {
      made.operations.push_back({name, 1, [call](This& c, Bean::Arguments a) -> Result<BeanValue> {
                                   if constexpr (std::is_void_v<decltype(call(c, a[0]))>) {
                                     call(c, a[0]);
                                     return BeanValue();
                                   } else {
                                     return BeanValue(call(c, a[0]));
                                   }
                                 }});
    };
    add("tryAddServiced", [](This& c, const auto& name) { return c.try_add_serviced(name); });
    add("addServiced", [](This& c, const auto& name) { (void)c.try_add_serviced(name); });
    add("isServiced", [](This& c, const auto& name) { return c.is_serviced(name); });
    add("removeServiced", [](This& c, const auto& name) { c.remove_serviced(name); });
    add("isDeployed", [](This& c, const auto& name) { return c.is_deployed(name); });
    add("check", [](This& c, const auto& name) { c.check(name); });
    return made;
  }();
  return table;
}

void HostConfig::lifecycle_event(std::string_view type) {
  if (type == "before_start") {
    prepare_directories();
  } else if (type == "start") {
    bean_ = register_bean(host_, "type=Deployer" + bean_keys(host_),
                          make_bean(*this, table(), "HostConfig[" + host_.name() + "]"));
    if (can_deploy_ && host_.options().deploy_on_startup) deploy_all();
  } else if (type == "periodic") {
    if (can_deploy_ && host_.options().auto_deploy) check_all();
  } else if (type == "stop") {
    bean_.end();
  }
}

void HostConfig::prepare_directories() {
  can_deploy_ = !host_.options().app_base.empty();  // empty: no deployment is wanted
  if (!can_deploy_) return;
  std::error_code failed;
  if (host_.options().create_dirs) {
    for (const auto& directory : {host_.app_base, host_.xml_base}) {
      fs::create_directories(directory, failed);
      if (failed)
        kLog.warn("Unable to create directory for deployment: [{}]: {}", directory.string(),
                  failed.message());
    }
  }
  can_deploy_ = fs::is_directory(host_.app_base, failed);
  if (!can_deploy_)
    kLog.error(
        "The application base [{}] for the host [{}] does not exist or is not a directory. "
        "deployOnStartUp and autoDeploy have been set to false to prevent deployment errors. "
        "Other errors may still occur.",
        host_.app_base.string(), host_.name());
}

bool HostConfig::is_serviced(std::string_view context_name) const {
  const std::lock_guard lock(mutex_);
  return serviced_.contains(context_name);
}

bool HostConfig::try_add_serviced(std::string_view context_name) {
  const std::lock_guard lock(mutex_);
  return serviced_.emplace(context_name).second;
}

void HostConfig::remove_serviced(std::string_view context_name) {
  const std::lock_guard lock(mutex_);
  const auto found = serviced_.find(context_name);
  if (found != serviced_.end()) serviced_.erase(found);
}

HostConfig::Application HostConfig::find(std::string_view context_name) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::ranges::find_if(deployed_, [&](const auto& a) { return a->names.name == context_name; });
  return found == deployed_.end() ? nullptr : *found;
}

void HostConfig::remember(Application application) {
  const std::lock_guard lock(mutex_);
  deployed_.push_back(std::move(application));
}

bool HostConfig::is_deployed(std::string_view context_name) const {
  return find(context_name) != nullptr;
}

bool HostConfig::exists(std::string_view context_name) const {
  return is_deployed(context_name) || host_.find_child(context_name);
}

void HostConfig::check_all() {
  std::vector<Application> all;
  {
    const std::lock_guard lock(mutex_);
    all = deployed_;
  }
  for (const auto& application : all) {
    const std::string& name = application->names.name;
    if (!try_add_serviced(name)) continue;
    if (find(name) == application) check_application(*application, false);
    remove_serviced(name);
  }
  if (host_.options().undeploy_old_versions) undeploy_old_versions();
  deploy_all();
}

void HostConfig::check(std::string_view context_name) {
  if (!host_.is_available() || !can_deploy_ || !try_add_serviced(context_name)) return;
  if (const auto application = find(context_name)) check_application(*application, true);
  deploy_one(ContextName::from_name(context_name));
  remove_serviced(context_name);
}

void HostConfig::undeploy(std::string_view context_name) {
  if (const auto application = find(context_name)) {
    remove_application(*application, 0, true);
  } else if (host_.find_child(context_name)) {
    kLog.warn("Context [{}] is defined in server.xml and may not be undeployed", context_name);
  }
}

}  // namespace serval::core
