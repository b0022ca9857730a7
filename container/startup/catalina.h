// container/startup/catalina.h
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "container/base/diagnostics.h"
#include "container/config/properties.h"
#include "container/startup/server_builder.h"

namespace serval::core {

class ReadyPipe;

/// The commands of the server process: run, configtest, stop. Each returns the exit status.
///
/// Errors: whatever is wrong is logged (run) or printed (configtest, stop), and the status is 1.
/// Threads: main.
/// Source: container-behaviour 10; Tomcat org.apache.catalina.startup.Catalina, Bootstrap.
class Catalina {
 public:
  struct Arguments {
    std::vector<std::string> properties;               // "-Dname=value"
    std::vector<std::string> ignored;                  // flags for a JVM
    std::filesystem::path config = "conf/server.xml";  // relative to catalina.base
  };
  /// `registries` get the classes of the libraries that run() and configtest() load.
  Catalina(Arguments arguments, Registries& registries);

  /// Serves until it is told to stop: by the shutdown port, SIGTERM, SIGINT or SIGHUP. A signal
  /// that comes a second or more after another one ends the process at once, with status 1.
  int run();
  /// Reads the whole configuration and prints what is wrong with it.
  int configtest();
  /// Tells the server of this configuration to stop.
  int stop();

 private:
  bool read_properties();
  void set_up_logging();
  void tell_where_beans_are() const;
  std::filesystem::path config_file() const;
  int serve(BuiltServer& built, ReadyPipe& ready);

  const Arguments arguments_;
  Registries& registries_;
  Properties properties_;
  std::vector<std::string> problems_;  // of the properties, until there is a log
};

/// Sends the shutdown text to a server. Errors: kIo, in Tomcat's words.
Result<> send_shutdown(const Server::Options& options);

}  // namespace serval::core
