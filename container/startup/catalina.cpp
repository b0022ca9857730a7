#include "container/startup/catalina.h"

#include <fmt/format.h>
#include <fmt/std.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "container/base/clock.h"
#include "container/base/log.h"
#include "container/config/juli.h"
#include "container/config/server_xml.h"
#include "container/config/tomcat_names.h"
#include "container/config/web_xml.h"
#include "container/startup/ready_pipe.h"
#include "container/startup/server_libraries.h"
#include "container/startup/signals.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;
const Log kLog{"org.apache.catalina.startup.Catalina"};

/// Whoever sends a signal to a process and to its group sends it twice in a moment.
constexpr std::chrono::seconds kSameSignal{1};

/// Somebody does not want to wait for the requests and members that a stop waits for.
[[noreturn]] void end_at_once() {
  kLog.warn("Told to stop once more: the server ends without waiting for anything");
  log_router()->flush();
  std::_Exit(1);
}

/// The property among -D arguments, else the environment variable, else nothing.
std::string setting(const std::vector<std::string>& properties, std::string_view property,
                    const char* variable) {
  const std::string prefix = fmt::format("-D{}=", property);
  for (auto it = properties.rbegin(); it != properties.rend(); ++it) {
    if (it->starts_with(prefix)) return it->substr(prefix.size());
  }
  const char* const value = std::getenv(variable);
  return value ? value : "";
}

Properties base_properties(const std::vector<std::string>& arguments) {
  std::string home = setting(arguments, "catalina.home", "CATALINA_HOME");
  std::string base = setting(arguments, "catalina.base", "CATALINA_BASE");
  if (home.empty()) home = base.empty() ? fs::current_path().string() : base;
  if (base.empty()) base = home;
  return Properties::with_defaults(fs::absolute(home), fs::absolute(base));
}

std::string_view word(Diagnostics::Severity severity) {
  switch (severity) {
    case Diagnostics::Severity::kError:
      return "SEVERE";
    case Diagnostics::Severity::kWarning:
      return "WARNING";
    default:
      return "INFO";
  }
}

}  // namespace

Catalina::Catalina(Arguments arguments, Registries& registries)
    : arguments_(std::move(arguments)),
      registries_(registries),
      properties_(base_properties(arguments_.properties)) {}

fs::path Catalina::config_file() const { return properties_.in_base(arguments_.config); }

/// -D arguments and conf/catalina.properties. What is wrong goes to problems_; false: no start.
bool Catalina::read_properties() {
  for (const auto& argument : arguments_.properties) {
    if (argument.starts_with("-Dcatalina.home=") || argument.starts_with("-Dcatalina.base="))
      continue;  // absolute by now
    if (!properties_.set_from_argument(argument))
      problems_.push_back(fmt::format("Argument [{}] is not of the form -Dname=value", argument));
  }
  auto done = properties_.load_catalina_properties();
  if (!done) problems_.push_back(done.error().message);
  return static_cast<bool>(done);
}

void Catalina::set_up_logging() {
  const auto file = properties_.in_base(
      properties_.value_or("java.util.logging.config.file", "conf/logging.properties"));
  std::error_code failed;
  if (!fs::exists(file, failed)) return;  // standard error, as a JVM does then
  auto setup = load_juli(file, properties_);
  if (!setup) {
    kLog.warn("Logging configuration cannot be used: {}", setup.error().message);
    return;
  }
  set_log_router(setup->router);
  for (const auto& warning : setup->warnings) kLog.warn("{}", warning);
}

void Catalina::tell_where_beans_are() const {
  const auto asks = [](const std::string& property) {
    return property.starts_with("-Dcom.sun.management.jmxremote");
  };
  if (!std::ranges::any_of(arguments_.properties, asks)) return;
  kLog.info(
      "com.sun.management.jmxremote: there is no JMX over RMI here; the beans are offered over "
      "HTTP by the manager application, /manager/jmxproxy (role manager-jmx)");
}

int Catalina::run() {
  StopSignals signals;  // before any thread
  set_thread_name("main");
  const Clock::Time begin = system_clock().now();
  const bool usable = read_properties();
  set_up_logging();
  for (const auto& problem : problems_) kLog.error("{}", problem);
  if (!arguments_.ignored.empty())
    kLog.info("Options for a JVM have no meaning here and are ignored: {}",
              fmt::join(arguments_.ignored, " "));
  tell_where_beans_are();
  int status = 1;
  {
    ReadyPipe ready;
    Diagnostics diagnostics(tomcat_names_9());
    load_server_libraries(properties_, properties_.in_base("work/lib"), registries_, diagnostics);
    auto tree = load_server_xml(config_file(), properties_, diagnostics);
    BuiltServer built;
    if (tree) built = build_server(*tree, registries_, properties_, diagnostics);
    log_diagnostics(diagnostics);
    if (!usable || !tree || diagnostics.has_errors()) {
      kLog.warn("Unable to load server configuration from [{}]", config_file().string());
      kLog.error("Cannot start server, server instance is not configured");
    } else if (auto initialized = built.server->init(); !initialized) {
      kLog.error("Failed to initialize the server: {}", initialized.error().message);
    } else {
      kLog.info("Server initialization in [{}] milliseconds", system_clock().ms_since(begin));
      signals.deliver_to([&server = *built.server, first = Clock::Time()]() mutable {
        if (first == Clock::Time()) first = system_clock().now();
        if (system_clock().now() - first > kSameSignal) end_at_once();
        server.request_stop();
      });
      status = serve(built, ready);
      signals.end_delivery();  // the server is about to go
    }
  }
  log_router()->flush();
  return status;
}

int Catalina::serve(BuiltServer& built, ReadyPipe& ready) {
  if (properties_.value_or("org.apache.catalina.startup.EXIT_ON_INIT_FAILURE", "") == "true") {
    for (const auto& opening : built.connectors) {
      if (opening.connector->state() != State::kFailed) continue;
      kLog.error("Connector [{}] failed and EXIT_ON_INIT_FAILURE is set",
                 opening.connector->name());
      return 1;
    }
  }
  const Clock::Time begin = system_clock().now();
  if (auto started = built.server->start(); !started) {
    kLog.error("The required Server component failed to start so Tomcat is unable to start: {}",
               started.error().message);
    built.server->stop();
    return 1;
  }
  kLog.info("Server startup in [{}] milliseconds", system_clock().ms_since(begin));
  ready.report(built);
  built.server->await();
  const Clock::Time stopping = system_clock().now();
  built.server->stop();
  built.server->destroy();
  kLog.info("Server stopped in [{}] milliseconds", system_clock().ms_since(stopping));
  return 0;
}

int Catalina::configtest() {
  read_properties();
  Diagnostics diagnostics(tomcat_names_9());
  for (const auto& problem : problems_) diagnostics.error({}, problem);
  // A running server of this configuration keeps its own copies.
  load_server_libraries(properties_, properties_.in_base("work/configtest"), registries_,
                        diagnostics);
  auto tree = load_server_xml(config_file(), properties_, diagnostics);
  if (tree) {
    // Built and thrown away: nothing is bound or started.
    const BuiltServer built = build_server(*tree, registries_, properties_, diagnostics);
  }
  const fs::path conf = properties_.in_base("conf");
  std::error_code failed;
  if (fs::exists(conf / "context.xml", failed)) {
    // Its errors are in the diagnostics.
    static_cast<void>(load_context_xml(conf / "context.xml", properties_, diagnostics));
  }
  if (fs::exists(conf / "web.xml", failed)) {
    if (auto web = read_web_xml(conf / "web.xml", properties_); !web)
      diagnostics.error({}, web.error().message);
  }
  for (const auto& entry : diagnostics.entries())
    fmt::print("{} {}\n", word(entry.severity), entry.text);
  return diagnostics.has_errors() ? 1 : 0;
}

int Catalina::stop() {
  read_properties();
  for (const auto& problem : problems_) fmt::print(stderr, "SEVERE {}\n", problem);
  Diagnostics diagnostics(tomcat_names_9());
  auto tree = load_server_xml(config_file(), properties_, diagnostics);
  if (!tree) {
    fmt::print(stderr, "SEVERE {}\n", tree.error().message);
    return 1;
  }
  if (auto sent = send_shutdown(read_server_options(*tree, diagnostics)); !sent) {
    fmt::print(stderr, "SEVERE {}\n", sent.error().message);
    return 1;
  }
  return 0;
}

}  // namespace serval::core
