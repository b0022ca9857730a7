#include "container/core/context_filters.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/container/small_vector.hpp>

#include "container/base/log.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/core/wrapper.h"

namespace serval::core {
namespace {

bool matches_pattern(std::string_view pattern, std::string_view path) {
  if (pattern == path || pattern == "/*") return true;
  if (pattern.ends_with("/*")) {
    const std::string_view folder = pattern.substr(0, pattern.size() - 2);
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
  }
  if (!pattern.starts_with("*.")) return false;
  const std::string_view last = path.substr(path.rfind('/') + 1);
  const std::size_t dot = last.rfind('.');
  return dot != std::string_view::npos && last.substr(dot + 1) == pattern.substr(2);
}

/// The filters that are left, then the servlet.
class Chain final : public FilterChain {
 public:
  Chain(std::span<Filter* const> filters, Servlet& servlet) : rest_(filters), servlet_(servlet) {}
  void do_filter(serval::Request& request, serval::Response& response) override {
    if (rest_.empty()) return servlet_.service(request, response);
    Filter* const next = rest_.front();
    rest_ = rest_.subspan(1);
    next->do_filter(request, response, *this);
  }

 private:
  std::span<Filter* const> rest_;
  Servlet& servlet_;
};

void report_allocation(const Wrapper& wrapper, const Error& error, Request& request,
                       Response& response) {
  Log(wrapper.log_name())
      .error("Allocate exception for servlet [{}]: {}", wrapper.name(), error.message);
  if (error.code == Errc::kNotFound) {
    response.send_error(404, fmt::format("Servlet [{}] is not available", wrapper.name()));
    return;
  }
  request.exception = ThrownException{
      {"javax.servlet.ServletException", "java.lang.Exception", "java.lang.Throwable"},
      error.message,
      {}};
  response.mark_error(500);
}

}  // namespace

std::optional<std::string> Context::ActiveFilter::init_parameter(std::string_view parameter) const {
  const auto it = definition.init_parameters.find(parameter);
  if (it == definition.init_parameters.end()) return std::nullopt;
  return it->second;
}

std::vector<std::string> Context::ActiveFilter::init_parameter_names() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : definition.init_parameters) names.push_back(name);
  return names;
}

void Context::ActiveFilter::destroy() {
  try {
    filter->destroy();
  } catch (...) {
    Log(context_ref.log_name())
        .error("Filter [{}] threw exception in destroy(): {}", definition.name,
               current_exception_described().text());
  }
}

bool Context::FilterRule::matches(std::string_view path, std::string_view servlet,
                                  Dispatch dispatch) const {
  if (!(dispatch == Dispatch::kError     ? on_error
        : dispatch == Dispatch::kForward ? on_forward
        : dispatch == Dispatch::kInclude ? on_include
                                         : on_request))
    return false;
  if (!servlet_name.empty()) return servlet_name == "*" || servlet_name == servlet;
  return matches_pattern(url_pattern, path);
}

Result<> Context::start_filters() {
  for (const auto& definition : settings.filters) {
    auto made = class_factory_
                    ? class_factory_->make_filter(definition.filter_class)
                    : Result<std::unique_ptr<Filter>>(Error{Errc::kNotFound, "no libraries"});
    std::string why;
    if (made) {
      auto active = std::make_unique<ActiveFilter>(*this, definition);
      active->filter = *std::move(made);
      try {
        active->filter->init(*active);
        filters_.push_back(std::move(active));
        continue;
      } catch (...) {
        why = current_exception_described().text();
      }
    } else {
      why = made.error().message;
    }
    Log(log_name()).error("Exception starting filter [{}]: {}", definition.name, why);
    return Error{Errc::kBadState,
                 "One or more Filters failed to start. Full details will be found in the "
                 "appropriate container log file"};
  }
  for (const bool by_pattern : {true, false}) {
    for (const auto& mapping : settings.filter_mappings) {
      if (mapping.servlet_name.empty() != by_pattern) continue;
      const auto filter = std::ranges::find(filters_, mapping.filter_name, [](const auto& f) {
        return std::string_view(f->definition.name);
      });
      if (filter == filters_.end()) {
        return Error{Errc::kInvalidArgument,
                     fmt::format("Filter mapping specifies an unknown filter name [{}]",
                                 mapping.filter_name)};
      }
      filter_rules_.push_back({filter->get(), mapping.url_pattern, mapping.servlet_name,
                               mapping.on_request, mapping.on_forward, mapping.on_include,
                               mapping.on_error});
    }
  }
  return {};
}

void Context::invoke_servlet(Request& request, Response& response, Wrapper& wrapper) {
  const auto servlet = wrapper.allocate();
  if (!servlet) return report_allocation(wrapper, servlet.error(), request, response);
  if (filter_rules_.empty()) return (*servlet)->service(request, response);
  boost::container::small_vector<Filter*, 16> filters;
  for (const auto& rule : filter_rules_) {
    Filter* const filter = rule.filter->filter.get();
    if (rule.matches(request.mapped_path, wrapper.name(), request.dispatch) &&
        std::ranges::find(filters, filter) == filters.end()) {
      filters.push_back(filter);
    }
  }
  Chain({filters.data(), filters.size()}, **servlet).do_filter(request, response);
}

}  // namespace serval::core
