#include "container/core/forward.h"

#include <fmt/format.h>

#include <array>

#include "container/core/context.h"
#include "container/core/dispatch_path.h"
#include "container/core/request.h"
#include "container/core/response.h"

namespace serval::core {
namespace {

/// The address that a request shows, as attributes of this family while it lives.
class AddressAttributes {
 public:
  AddressAttributes(Request& request, std::string_view family) : request_(request) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      attributes_[i].name = fmt::format("javax.servlet.{}.{}", family, kNames[i]);
      attributes_[i].outer = request.attribute(attributes_[i].name);
    }
  }
  ~AddressAttributes() {
    for (auto& [name, outer] : attributes_) request_.set_attribute(name, std::move(outer));
  }
  AddressAttributes(const AddressAttributes&) = delete;
  AddressAttributes& operator=(const AddressAttributes&) = delete;

  bool are_set() const { return !attributes_[0].outer.is_null(); }
  void set(std::optional<std::string_view> query) {
    const std::array<std::optional<std::string_view>, 5> values{
        request_.request_uri(), request_.context_path(), request_.servlet_path(),
        request_.path_info(), query};
    for (std::size_t i = 0; i < values.size(); ++i) {
      request_.set_attribute(attributes_[i].name, values[i] ? Value(*values[i]) : Value());
    }
  }

 private:
  static constexpr std::array<std::string_view, 5> kNames{
      "request_uri", "context_path", "servlet_path", "path_info", "query_string"};
  struct Attribute {
    std::string name;
    Value outer;
  };
  Request& request_;
  std::array<Attribute, kNames.size()> attributes_;
};

}  // namespace

void forward(Request& request, Response& response, std::shared_ptr<Context> target,
             std::string_view location) {
  if (response.is_committed())
    throw IllegalStateException("Cannot forward after response has been committed");
  response.reset_buffer();
  AddressAttributes attributes(request, "forward");
  if (!attributes.are_set()) attributes.set(request.query_string());  // by the first of several
  DispatchPath path(request, target, location, Dispatch::kForward);
  if (path.map()) {
    target->invoke_servlet(request, response, *request.wrapper);
  } else {
    response.send_error(404, {});
  }
  response.finish();
}

void include(Request& request, Response& response, std::shared_ptr<Context> target,
             std::string_view location) {
  AddressAttributes attributes(request, "include");
  DispatchPath path(request, target, location, Dispatch::kInclude);
  if (!path.map()) {
    throw ServletException(fmt::format("There is nothing to include at [{}] of application [{}]",
                                       location, target->context_path()));
  }
  attributes.set(path.own_query());
  path.show_outer_address();
  const Response::Included included(response);
  target->invoke_servlet(request, response, *request.wrapper);
}

}  // namespace serval::core
