// container/core/server.h
#pragma once
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "container/base/bean_registry.h"
#include "container/base/lifecycle.h"
#include "container/core/service.h"

namespace serval::core {

/// "Serval/0.1.0"
extern const char* const kServerInfo;

/// The whole process: services, shutdown port, background thread.
///
/// Threads: init, start, await, stop by main; request_stop() from any thread and from a signal
/// handler's thread. Source: Tomcat org.apache.catalina.core.StandardServer.
class Server final : public Lifecycle {
 public:
  struct Options {
    int port = 8005;
    int port_offset = 0;
    std::string address = "localhost", shutdown = "SHUTDOWN";
  };
  Server(Options options, std::filesystem::path catalina_home, std::filesystem::path catalina_base);
  ~Server() override;

  const Options& options() const { return options_; }
  const std::filesystem::path& catalina_home() const { return home_; }
  const std::filesystem::path& catalina_base() const { return base_; }
  void add_service(std::unique_ptr<Service> service);
  const std::vector<std::unique_ptr<Service>>& services() const { return services_; }
  /// What management sees of all components, from their start to their end.
  BeanRegistry& beans() { return beans_; }

  /// Waits for the shutdown command on the shutdown port, or for request_stop(). With port -1 only
  /// for the latter.
  void await();
  void request_stop();

 protected:
  Result<> do_init() override;
  Result<> do_start() override;
  void do_stop() override;

 private:
  void run_background();
  const Options options_;
  const std::filesystem::path home_, base_;
  BeanRegistry beans_;
  std::vector<std::unique_ptr<Service>> services_;
  std::thread background_;
  int stop_event_ = -1;        // eventfd
  int background_event_ = -1;  // eventfd
};

}  // namespace serval::core
