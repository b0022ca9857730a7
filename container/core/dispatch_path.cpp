#include "container/core/dispatch_path.h"

#include "container/core/context.h"
#include "container/core/request_mapper.h"
#include "container/core/wrapper.h"

namespace serval::core {

DispatchPath::DispatchPath(Request& request, std::string_view location, Dispatch dispatch)
    : request_(request),
      path_(location.substr(0, location.find('?'))),
      uri_(request.line.uri),
      servlet_path_(request.servlet_path_view),
      mapped_path_(request.mapped_path),
      query_(request.line.query),
      path_info_(request.path_info_view),
      dispatch_(request.dispatch),
      wrapper_(request.wrapper) {
  full_path_.append(request.context_path()).append(path_);
  if (path_.size() < location.size()) {
    const std::string_view query = location.substr(path_.size() + 1);
    // The request's own parameters are read before its query is hidden.
    request.add_parameters_in_front(query);
    request.line.query = query;
  }
  request.line.uri = full_path_;
  request.dispatch = dispatch;
}

DispatchPath::~DispatchPath() {
  request_.line.uri = uri_;
  request_.line.query = query_;
  request_.servlet_path_view = servlet_path_;
  request_.path_info_view = path_info_;
  request_.mapped_path = mapped_path_;
  request_.wrapper = std::move(wrapper_);
  request_.dispatch = dispatch_;
}

bool DispatchPath::map() {
  return map_servlet(*request_.mapped_context, path_, request_, storage_);
}

}  // namespace serval::core
