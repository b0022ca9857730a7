// container/core/dispatch_path.h
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "container/core/request.h"

namespace serval::core {

/// Shows another address of the same context in a request while it lives: of an error page, or of
/// what a request is forwarded to. Its query stands in front of the request's own parameters.
class DispatchPath {
 public:
  /// `location`: a path in the context, perhaps with a query. It must live as long as this.
  DispatchPath(Request& request, std::string_view location, Dispatch dispatch);
  ~DispatchPath();
  DispatchPath(const DispatchPath&) = delete;
  DispatchPath& operator=(const DispatchPath&) = delete;

  /// Sets the request's wrapper. False: nothing is mapped there.
  bool map();

 private:
  Request& request_;
  const std::string_view path_;
  const std::string_view uri_, servlet_path_, mapped_path_;
  const std::optional<std::string_view> query_, path_info_;
  const Dispatch dispatch_;
  std::shared_ptr<Wrapper> wrapper_;
  std::string full_path_;
  std::string storage_;  // of a welcome file
};

}  // namespace serval::core
