#include <fmt/format.h>

#include <algorithm>

#include "container/base/ascii.h"
#include "container/base/log.h"
#include "container/config/nesting.h"
#include "container/config/server_xml.h"
#include "container/config/xml_reader.h"
#include "container/webapp/host_config.h"
#include "container/webapp/war_archive.h"
#include "container/webapp/war_unpack.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;
const Log kLog{"org.apache.catalina.startup.HostConfig"};
constexpr std::string_view kDescriptor = "META-INF/context.xml";
constexpr std::size_t kMaxDescriptor = 1 << 20;

bool is_xml(const fs::path& file) { return same_ignoring_case(file.extension().string(), ".xml"); }

bool is_reserved(const fs::path& file) {
  const std::string name = file.filename().string();
  return same_ignoring_case(name, "META-INF") || same_ignoring_case(name, "WEB-INF");
}

/// Names like "a#..#b" would lead out of appBase.
bool is_valid_name(const ContextName& names) {
  const fs::path path(names.path.empty() ? "/" : names.path);
  return std::ranges::none_of(path,
                              [](const fs::path& part) { return part == ".." || part == "."; }) &&
         names.path != "/ROOT" && !names.path.starts_with("/ROOT/");
}

bool unpack_wanted(const Host& host, const std::optional<Element>& own) {
  if (!host.options().unpack_wars) return false;
  bool wanted = true;
  if (const auto* const text = own ? own->attribute("unpackWAR") : nullptr)
    wanted = same_ignoring_case(*text, "true");
  return wanted;
}

bool is_inside(const fs::path& file, const fs::path& directory) {
  std::error_code failed;
  const auto inner = fs::weakly_canonical(file, failed).string();
  const auto outer = fs::weakly_canonical(directory, failed).string() + "/";
  return inner.starts_with(outer);
}

void drop_attribute(Element& element, std::string_view name) {
  std::erase_if(element.attributes, [&](const auto& a) { return a.name == name; });
}

}  // namespace

std::vector<fs::path> HostConfig::sorted_files(const fs::path& directory) const {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator it(directory, failed), end; !failed && it != end;
       it.increment(failed))
    files.push_back(it->path());
  std::ranges::sort(files);
  return files;
}

bool HostConfig::is_ignored(const fs::path& file) const {
  if (!ignore_ || !ignore_->matches(file.filename().string())) return false;
  kLog.debug("Ignoring path [{}]", file.string());
  return true;
}

void HostConfig::deploy_all() {
  const bool wait = host_.state() == State::kStarted;  // not while the host starts
  for (const auto& file : sorted_files(host_.xml_base)) {
    if (is_xml(file)) deploy_found(Kind::kDescriptor, file, false);
  }
  auto files = sorted_files(host_.app_base);
  std::erase_if(files, [&](const auto& f) { return is_reserved(f) || is_ignored(f); });
  std::error_code failed;
  for (const auto& file : files) {
    if (is_war(file) && fs::is_regular_file(file, failed)) deploy_found(Kind::kWar, file, wait);
  }
  for (const auto& file : files) {
    if (fs::is_directory(file, failed)) deploy_found(Kind::kDirectory, file, wait);
  }
}

void HostConfig::deploy_found(Kind kind, const fs::path& file, bool wait_if_young) {
  const std::string name = file.filename().string();
  const ContextName names = kind == Kind::kDirectory ? ContextName::from_directory(name)
                                                     : ContextName::from_base_name(name);
  if (kind == Kind::kWar && !is_valid_name(names)) {
    const std::lock_guard lock(mutex_);
    if (invalid_wars_.insert(file.string()).second)
      kLog.error("The war name [{}] is invalid. The archive will be ignored.",
                 file.filename().string());
    return;
  }
  if (wait_if_young && !is_old_enough(modified_ms(file), false)) return;
  if (!try_add_serviced(names.name)) return;
  if (kind == Kind::kWar && has_hidden_directory(names)) {
    // said once; the WAR stays deployed
  } else if (!exists(names.name)) {
    if (kind == Kind::kDescriptor)
      deploy_descriptor(names, file);
    else if (kind == Kind::kWar)
      deploy_war(names, file);
    else
      deploy_directory(names, file);
  }
  remove_serviced(names.name);
}

/// A directory beside a WAR that is not unpacked has no effect, which is worth a warning.
bool HostConfig::has_hidden_directory(const ContextName& names) {
  const auto application = find(names.name);
  if (!application || host_.options().unpack_wars) return false;
  std::error_code failed;
  const bool hidden = fs::is_directory(host_.app_base / names.base_name, failed);
  if (hidden && !application->warned_of_directory)
    kLog.warn(
        "The directory [{}] will be ignored because the WAR [{}] takes priority and "
        "unpackWARs is false",
        (host_.app_base / names.base_name).string(), names.base_name + ".war");
  application->warned_of_directory = hidden;
  return hidden;
}

/// Requires: the caller holds the name.
void HostConfig::deploy_one(const ContextName& names) {
  if (exists(names.name)) return;
  std::error_code failed;
  const fs::path xml = descriptor_path(names);
  const fs::path war = host_.app_base / (names.base_name + ".war");
  const fs::path directory = host_.app_base / names.base_name;
  if (fs::is_regular_file(xml, failed))
    deploy_descriptor(names, xml);
  else if (fs::is_regular_file(war, failed))
    deploy_war(names, war);
  else if (fs::is_directory(directory, failed))
    deploy_directory(names, directory);
}

fs::path HostConfig::descriptor_path(const ContextName& names) const {
  return host_.xml_base / (names.base_name + ".xml");
}

Error HostConfig::blocked(const ContextName& names, const fs::path& descriptor) const {
  return {
      Errc::kBadState,
      fmt::format("The web application with context path [{}] was not deployed because it "
                  "contained a deployment descriptor [{}] which may include configuration "
                  "necessary for the secure deployment of the application but processing of "
                  "deployment descriptors is prevented by the deployXML setting of this host. An "
                  "appropriate descriptor should be created at [{}] to deploy this application.",
                  names.path, descriptor.string(), descriptor_path(names).string())};
}

Result<std::optional<Element>> HostConfig::descriptor_of_directory(const ContextName& names,
                                                                   const fs::path& directory,
                                                                   Diagnostics& diagnostics) const {
  const fs::path file = directory / kDescriptor;
  std::error_code failed;
  if (!fs::exists(file, failed)) return std::optional<Element>();
  if (!host_.options().deploy_xml) return blocked(names, file);
  auto own = load_context_xml(file, environment_.properties, diagnostics);
  if (!own) return std::move(own).error();
  return std::optional(*std::move(own));
}

Result<std::optional<Element>> HostConfig::descriptor_of_war(const ContextName& names,
                                                             const fs::path& war,
                                                             Diagnostics& diagnostics) const {
  auto archive = WarArchive::open(war);
  if (!archive) return std::move(archive).error();
  if (!archive->contains(kDescriptor)) return std::optional<Element>();
  if (!host_.options().deploy_xml) return blocked(names, war / kDescriptor);
  auto text = archive->read(kDescriptor, kMaxDescriptor);
  if (!text) return std::move(text).error();
  auto own = read_xml(*text, fmt::format("{}!/{}", war.string(), kDescriptor),
                      {.properties = &environment_.properties});
  if (!own) return std::move(own).error();
  check_nesting(*own, "Context", diagnostics);
  return std::optional(*std::move(own));
}

/// Builds the Context and gives it to the host, which starts it.
Result<> HostConfig::add_application(DeployedApplication& application,
                                     const ApplicationSource& source, Diagnostics& diagnostics) {
  auto context = build_application(environment_, host_, source, diagnostics);
  if (!context) return std::move(context).error();
  host_.add_child(*context);
  watch_resources(application, context->get());
  return {};
}

void HostConfig::watch_resources(DeployedApplication& application, const Context* context) const {
  for (const auto& name : context->settings.watched_resources)
    application.reload.put_now(context->doc_base() / name);
}

void HostConfig::watch_defaults(DeployedApplication& application) const {
  std::error_code failed;
  for (const auto& file : default_context_files(host_, environment_.properties.catalina_base())) {
    if (fs::exists(file, failed)) application.redeploy.put_now(file);
  }
}

void HostConfig::deploy_directory(const ContextName& names, const fs::path& directory) {
  const Clock::Time begin = clock_.now();
  kLog.info("Deploying web application directory [{}]", directory.string());
  auto application = std::make_shared<DeployedApplication>();
  application->names = names;
  application->redeploy.put(host_.app_base / (names.base_name + ".war"), 0);
  application->redeploy.put_now(directory);
  application->redeploy.put_now(directory / kDescriptor);
  application->redeploy.put_now(descriptor_path(names));
  watch_defaults(*application);
  Diagnostics diagnostics(environment_.names);
  Result<> done;
  auto own = descriptor_of_directory(names, directory, diagnostics);
  if (own) {
    done = add_application(
        *application, {.names = names, .doc_base = directory, .war = {}, .own = *std::move(own)},
        diagnostics);
  } else {
    done = own.error();
  }
  log_diagnostics(diagnostics);
  if (!done)
    kLog.error("Error deploying web application directory [{}]: {}", directory.string(),
               done.error().message);
  remember(application);
  kLog.info("Deployment of web application directory [{}] has finished in [{}] ms",
            directory.string(), clock_.ms_since(begin));
}

void HostConfig::deploy_war(const ContextName& names, const fs::path& war) {
  const Clock::Time begin = clock_.now();
  kLog.info("Deploying web application archive [{}]", war.string());
  auto application = std::make_shared<DeployedApplication>();
  application->names = names;
  application->redeploy.put_now(war);
  Diagnostics diagnostics(environment_.names);
  Result<> done;
  auto own = descriptor_of_war(names, war, diagnostics);
  if (own) {
    const bool unpack = unpack_wanted(host_, *own);
    ApplicationSource source = locate_application(host_, names, war, unpack);
    source.own = *std::move(own);
    // Unpacked here already, so that a WAR that cannot be does not become a Context.
    done = unpack_war(war, source.doc_base);
    if (done) done = add_application(*application, source, diagnostics);
    if (unpack) application->redeploy.put_now(source.doc_base);
  } else {
    done = own.error();
  }
  log_diagnostics(diagnostics);
  if (!done)
    kLog.error("Error deploying web application archive [{}]: {}", war.string(),
               done.error().message);
  application->redeploy.put_now(descriptor_path(names));
  watch_defaults(*application);
  remember(application);
  kLog.info("Deployment of web application archive [{}] has finished in [{}] ms", war.string(),
            clock_.ms_since(begin));
}

void HostConfig::deploy_descriptor(const ContextName& names, const fs::path& file) {
  const Clock::Time begin = clock_.now();
  kLog.info("Deploying deployment descriptor [{}]", file.string());
  auto application = std::make_shared<DeployedApplication>();
  application->names = names;
  application->has_descriptor = true;
  Diagnostics diagnostics(environment_.names);
  auto own = load_context_xml(file, environment_.properties, diagnostics);
  Result<> done = own ? Result<>() : own.error();
  bool is_external = false;
  if (own) {
    if (const auto* const path = own->attribute("path"))
      kLog.warn("The path attribute with value [{}] in deployment descriptor [{}] has been ignored",
                *path, file.string());
    drop_attribute(*own, "path");
    fs::path doc_base = own->attribute_or("docBase", "");
    if (!doc_base.empty() && is_inside(host_.app_base / doc_base, host_.app_base)) {
      kLog.warn("A docBase [{}] inside the host appBase has been specified, and will be ignored",
                doc_base.string());
      doc_base.clear();
    }
    drop_attribute(*own, "docBase");
    is_external = !doc_base.empty();
    ApplicationSource source =
        locate_application(host_, names, doc_base, unpack_wanted(host_, *own));
    source.own = *std::move(own);
    if (is_external) {
      application->redeploy.put_now(file);
      application->redeploy.put_now(source.war.value_or(source.doc_base));
      if (source.war) application->redeploy.put_now(source.doc_base);
    } else {
      application->redeploy.put_now(host_.app_base / (names.base_name + ".war"));
    }
    done = add_application(*application, source, diagnostics);
    if (!is_external) application->redeploy.put_now(source.doc_base);
  }
  if (!is_external) application->redeploy.put_now(file);
  log_diagnostics(diagnostics);
  if (!done)
    kLog.error("Error deploying deployment descriptor [{}]: {}", file.string(),
               done.error().message);
  watch_defaults(*application);
  remember(application);
  kLog.info("Deployment of deployment descriptor [{}] has finished in [{}] ms", file.string(),
            clock_.ms_since(begin));
}

}  // namespace serval::core
