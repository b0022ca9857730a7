// container/core/wrapper.h
#pragma once
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "container/core/container.h"
#include "container/core/request_statistics.h"
#include "container/servlet/serval/servlet.h"

namespace serval::core {

class Context;

/// One servlet of a Context: its instance, made and initialised once (at start for load-on-startup
/// >= 0, else at first use).
///
/// Errors: a class that is not there answers 404 (as Tomcat for ClassNotFoundException), a failed
/// init 500 or 503. Threads: any after start. Source: Tomcat
/// org.apache.catalina.core.StandardWrapper.
class Wrapper final : public Container,
                      public ServletConfig,
                      public std::enable_shared_from_this<Wrapper> {
 public:
  struct Definition {
    std::string servlet_class;
    std::map<std::string, std::string, std::less<>> init_parameters;
    int load_on_startup = -1;
    bool enabled = true;
    std::map<std::string, std::string, std::less<>> role_links;  // security-role-ref
  };
  Wrapper(std::string name, Definition definition);

  const Definition& definition() const { return definition_; }
  Context& owner() const;
  /// The role of web.xml that the servlet means by a name.
  std::string_view role_behind(std::string_view role) const;
  /// The servlet, made now if need be. Errors: kNotFound (no such class), kBadState (init failed;
  /// the message says how).
  Result<Servlet*> allocate();

  RequestStatistics& statistics() { return statistics_; }
  const RequestStatistics& statistics() const { return statistics_; }
  /// How long it took to make the servlet, and to make and initialise it; 0 before.
  std::chrono::milliseconds class_load_time() const { return class_load_time_.load(); }
  std::chrono::milliseconds load_time() const { return load_time_.load(); }

  // ServletConfig
  std::string_view servlet_name() const override { return name(); }
  std::optional<std::string> init_parameter(std::string_view parameter) const override;
  std::vector<std::string> init_parameter_names() const override;
  ServletContext& context() const override;

 protected:
  Result<> do_start() override;
  std::string_view class_name() const override { return "StandardWrapper"; }
  void do_stop() override;

 private:
  const Definition definition_;
  std::mutex mutex_;
  std::unique_ptr<Servlet> instance_;
  std::atomic<Servlet*> ready_{nullptr};
  RequestStatistics statistics_;
  std::atomic<std::chrono::milliseconds> class_load_time_{}, load_time_{};
};

}  // namespace serval::core
