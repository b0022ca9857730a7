// container/core/dispatch_path.h
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "container/core/request.h"

namespace serval::core {

/// Shows another address in a request while it lives: of an error page, or of what a request is
/// forwarded to. Its query stands in front of the request's own parameters.
class DispatchPath {
 public:
  /// `location`: an encoded path in `target`, perhaps with a query. It must live as long as this.
  /// Errors: ServletException if the target is another application that has stopped.
  DispatchPath(Request& request, const std::shared_ptr<Context>& target, std::string_view location,
               Dispatch dispatch);
  ~DispatchPath();
  DispatchPath(const DispatchPath&) = delete;
  DispatchPath& operator=(const DispatchPath&) = delete;

  /// Sets the request's wrapper. False: nothing is mapped there.
  bool map();
  /// The query of the location.
  std::optional<std::string_view> own_query() const;
  /// What is mapped stays, but the request shows the address that it had (for an include).
  void show_outer_address();

 private:
  Request& request_;
  const std::string_view location_, path_;
  std::shared_ptr<Context> context_;
  const std::optional<std::string_view> context_path_view_;
  const std::string_view context_path_;
  const std::string_view uri_, servlet_path_, mapped_path_;
  const std::optional<std::string_view> query_, path_info_;
  const Dispatch dispatch_;
  std::shared_ptr<Wrapper> wrapper_;
  std::string full_path_;
  std::string decoded_;
  std::string storage_;  // of a welcome file
};

}  // namespace serval::core
