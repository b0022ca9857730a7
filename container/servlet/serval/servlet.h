// container/servlet/serval/servlet.h
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "context.h"
#include "cookie.h"
#include "dispatcher.h"
#include "error.h"
#include "filter.h"
#include "listener.h"
#include "request.h"
#include "response.h"
#include "session.h"
#include "value.h"

namespace serval {

/// Name, init parameters and context of a servlet or filter.
class ServletConfig {
 public:
  virtual ~ServletConfig() = default;
  virtual std::string_view servlet_name() const = 0;
  virtual std::optional<std::string> init_parameter(std::string_view name) const = 0;
  virtual std::vector<std::string> init_parameter_names() const = 0;
  virtual ServletContext& context() const = 0;
};

/// Answers requests (javax.servlet.Servlet). One instance serves all requests at the same time, so
/// fields are constant after init() or guarded.
///
/// Threads: service() runs on a shard's thread; a servlet that waits for something else than its
/// request and response should say so (DESIGN: threads). Errors: an exception becomes a 500.
class Servlet {
 public:
  virtual ~Servlet() = default;
  virtual void init(const ServletConfig&) {}
  virtual void service(Request& request, Response& response) = 0;
  virtual void destroy() {}
};

/// Splits service() by method (javax.servlet.http.HttpServlet). What is not overridden answers 405;
/// HEAD is a GET whose body is dropped; OPTIONS lists nothing that the servlet does not have.
class HttpServlet : public Servlet {
 public:
  void service(Request& request, Response& response) override {
    const std::string_view method = request.method();
    if (method == "GET" || method == "HEAD") {
      do_get(request, response);
    } else if (method == "POST") {
      do_post(request, response);
    } else if (method == "PUT") {
      do_put(request, response);
    } else if (method == "DELETE") {
      do_delete(request, response);
    } else if (method == "OPTIONS") {
      do_options(request, response);
    } else {
      response.send_error(501, "Method [" + std::string(method) +
                                   "] is not implemented by this Servlet for this URI");
    }
  }

 protected:
  virtual void do_get(Request&, Response& response) { refuse(response, "GET"); }
  virtual void do_post(Request&, Response& response) { refuse(response, "POST"); }
  virtual void do_put(Request&, Response& response) { refuse(response, "PUT"); }
  virtual void do_delete(Request&, Response& response) { refuse(response, "DELETE"); }
  virtual void do_options(Request&, Response& response) {
    response.set_header("Allow", "GET, HEAD, POST, OPTIONS");
  }

 private:
  static void refuse(Response& response, std::string_view method) {
    response.send_error(405,
                        "HTTP method " + std::string(method) + " is not supported by this URL");
  }
};

/// The one table that a .so exports under the name `serval_application_v1`: an application's, or
/// one of the server's own lib folder, which has valves (valve.h).
struct ApplicationTable {
  enum class Kind : std::uint32_t {
    kServlet = 1,
    kFilter = 2,
    kListener = 3,
    kValve = 4,
    kClusterValve = 5
  };
  struct Class {
    const char* name;  // as web.xml names it: "demo.S"
    Kind kind;
    void* (*create)();  // a new Servlet*, Valve* and so on, of exactly the base type
  };
  std::uint32_t api_version;
  std::uint32_t class_count;
  const Class* classes;
};
/// Changes whenever a virtual function or a field of this API does.
inline constexpr std::uint32_t kApiVersion = 4;

template <class T>
constexpr ApplicationTable::Class servlet_class(const char* name) {
  return {name, ApplicationTable::Kind::kServlet,
          [] { return static_cast<void*>(static_cast<Servlet*>(new T)); }};
}
template <class T>
constexpr ApplicationTable::Class filter_class(const char* name) {
  return {name, ApplicationTable::Kind::kFilter,
          [] { return static_cast<void*>(static_cast<Filter*>(new T)); }};
}
template <class T>
constexpr ApplicationTable::Class listener_class(const char* name) {
  return {name, ApplicationTable::Kind::kListener,
          [] { return static_cast<void*>(static_cast<Listener*>(new T)); }};
}

}  // namespace serval

/// Exports the classes of an application, or of a library of valves:
/// SERVAL_APPLICATION(serval::servlet_class<Hello>("examples.Hello"), …)
#define SERVAL_APPLICATION(...)                                                                    \
  static constexpr ::serval::ApplicationTable::Class serval_application_classes[] = {__VA_ARGS__}; \
  extern "C" __attribute__((visibility("default")))                                                \
  const ::serval::ApplicationTable serval_application_v1 = {                                       \
      ::serval::kApiVersion,                                                                       \
      sizeof(serval_application_classes) / sizeof(serval_application_classes[0]),                  \
      serval_application_classes}
