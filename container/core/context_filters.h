// container/core/context_filters.h
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "container/core/context.h"
#include "container/core/request.h"
#include "container/servlet/serval/filter.h"
#include "container/servlet/serval/servlet.h"

namespace serval::core {

/// A filter of a running context, with its init parameters.
struct Context::ActiveFilter final : ServletConfig {
  ActiveFilter(Context& owner, ContextSettings::FilterDefinition def)
      : context_ref(owner), definition(std::move(def)) {}

  std::string_view servlet_name() const override { return definition.name; }
  std::optional<std::string> init_parameter(std::string_view parameter) const override;
  std::vector<std::string> init_parameter_names() const override;
  ServletContext& context() const override { return context_ref; }
  /// Tells the filter that it ends; what it throws is logged.
  void destroy();

  Context& context_ref;
  const ContextSettings::FilterDefinition definition;
  std::unique_ptr<Filter> filter;
};

/// When a filter runs. Rules stand in the order of calling: those with a url-pattern first.
struct Context::FilterRule {
  ActiveFilter* filter;
  std::string url_pattern, servlet_name;  // one of them
  bool on_request, on_forward, on_include, on_error;

  bool matches(std::string_view path, std::string_view servlet, Dispatch dispatch) const;
};

}  // namespace serval::core
