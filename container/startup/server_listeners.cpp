#include "container/startup/server_listeners.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>

#include "container/base/log.h"
#include "container/core/server.h"

namespace serval::core {
namespace {

const Log kVersionLog{"org.apache.catalina.startup.VersionLoggerListener"};

/// NUL-separated texts of a file below /proc/self.
std::vector<std::string> process_texts(const char* file) {
  std::ifstream in(file, std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\0', at), all.size());
    texts.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  return texts;
}

/// What may not stand in a log: the value of a property or variable whose name says so.
bool is_secret(std::string_view assignment) {
  std::string name(assignment.substr(0, assignment.find('=')));
  for (char& c : name) c = static_cast<char>(::tolower(c));
  for (const std::string_view word :
       {"password", "passwd", "secret", "token", "credential", "key"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return false;
}

std::string shown(const std::string& assignment) {
  if (!is_secret(assignment) || assignment.find('=') == std::string::npos) return assignment;
  return assignment.substr(0, assignment.find('=') + 1) + "****";
}

class VersionLoggerListener final : public LifecycleListener {
 public:
  struct Options {
    bool log_args = true, log_env = false, log_props = false;
  };
  static std::span<const Attribute<Options>> attributes() {
    static const std::array table{
        attribute("logArgs", &Options::log_args, "log the command line"),
        attribute("logEnv", &Options::log_env, "log the environment"),
        attribute("logProps", &Options::log_props, "log -Dname=value of the command line"),
    };
    return table;
  }
  explicit VersionLoggerListener(Options options) : options_(options) {}

  void lifecycle_event(const LifecycleEvent& event) override {
    if (event.type != "before_init") return;
    utsname system{};
    ::uname(&system);
    line("Server version name", kServerInfo);
    line("OS Name", system.sysname);
    line("OS Version", system.release);
    line("Architecture", system.machine);
    line("TLS library", OpenSSL_version(OPENSSL_VERSION));
    line("Process id", fmt::to_string(::getpid()));
    if (const auto* const server = dynamic_cast<const Server*>(&event.source)) {
      line("CATALINA_BASE", server->catalina_base().string());
      line("CATALINA_HOME", server->catalina_home().string());
    }
    const auto arguments = process_texts("/proc/self/cmdline");
    for (std::size_t i = 1; i < arguments.size(); ++i) {
      if (options_.log_args) line("Command line argument", shown(arguments[i]));
      if (options_.log_props && arguments[i].starts_with("-D"))
        line("System property", shown(arguments[i].substr(2)));
    }
    if (!options_.log_env) return;
    for (const auto& variable : process_texts("/proc/self/environ"))
      line("Environment variable", shown(variable));
  }

 private:
  static void line(std::string_view name, std::string_view value) {
    kVersionLog.info("{:<23}{}", fmt::format("{}:", name), value);
  }
  const Options options_;
};

/// A listener of Tomcat that has nothing to do here. The attributes that Tomcat knows are accepted.
void add_without_work(Registries& registries, const std::string& class_name,
                      const std::string& why) {
  class NoWork final : public LifecycleListener {
   public:
    NoWork(std::string name, std::string reason)
        : name_(std::move(name)), reason_(std::move(reason)) {}
    void lifecycle_event(const LifecycleEvent& event) override {
      if (event.type == "before_init") Log(name_).debug("{}", reason_);
    }

   private:
    const std::string name_, reason_;
  };
  registries.listeners.add(
      class_name, {},
      [class_name, why](const Element& e,
                        Diagnostics& d) -> Result<std::unique_ptr<LifecycleListener>> {
        struct None {};
        read_options<None>(e, class_name, {}, d);
        return std::make_unique<NoWork>(class_name, why);
      });
}

}  // namespace

void register_server_listeners(Registries& registries) {
  registries.listeners.add<VersionLoggerListener>(
      "org.apache.catalina.startup.VersionLoggerListener");
  add_without_work(registries, "org.apache.catalina.core.AprLifecycleListener",
                   "TLS is part of the server, there is no native library to load");
  add_without_work(registries, "org.apache.catalina.core.OpenSSLLifecycleListener",
                   "TLS is part of the server, there is no native library to load");
  add_without_work(registries, "org.apache.catalina.core.JreMemoryLeakPreventionListener",
                   "there is no JRE whose classes could keep an application in memory");
  add_without_work(registries, "org.apache.catalina.core.ThreadLocalLeakPreventionListener",
                   "there are no thread locals of applications to renew threads for");
  add_without_work(registries, "org.apache.catalina.mbeans.GlobalResourcesLifecycleListener",
                   "global resources need no registration");
}

}  // namespace serval::core
