#include "container/core/dispatch_path.h"

#include "container/base/uri.h"
#include "container/core/context.h"
#include "container/core/request_mapper.h"
#include "container/core/wrapper.h"

namespace serval::core {

DispatchPath::DispatchPath(Request& request, const std::shared_ptr<Context>& target,
                           std::string_view location, Dispatch dispatch)
    : request_(request),
      location_(location),
      path_(location.substr(0, location.find('?'))),
      context_(request.mapped_context),
      context_path_view_(request.context_path_view),
      context_path_(request.context_path()),
      uri_(request.line.uri),
      servlet_path_(request.servlet_path_view),
      mapped_path_(request.mapped_path),
      query_(request.line.query),
      path_info_(request.path_info_view),
      dispatch_(request.dispatch),
      wrapper_(request.wrapper) {
  if (target != context_) request.enter(target);
  request.context_path_view.reset();
  full_path_.append(request.context_path()).append(path_);
  if (const auto query = own_query()) {
    // The request's own parameters are read before its query is hidden.
    request.add_parameters_in_front(*query);
    request.line.query = query;
  }
  request.line.uri = full_path_;
  request.dispatch = dispatch;
}

DispatchPath::~DispatchPath() {
  if (own_query()) request_.drop_parameters_in_front();
  show_outer_address();
  request_.context_path_view = context_path_view_;
  request_.mapped_context = std::move(context_);
  request_.mapped_path = mapped_path_;
  request_.wrapper = std::move(wrapper_);
  request_.dispatch = dispatch_;
}

std::optional<std::string_view> DispatchPath::own_query() const {
  if (path_.size() == location_.size()) return std::nullopt;
  return location_.substr(path_.size() + 1);
}

void DispatchPath::show_outer_address() {
  request_.context_path_view = context_path_;
  request_.line.uri = uri_;
  request_.line.query = query_;
  request_.servlet_path_view = servlet_path_;
  request_.path_info_view = path_info_;
}

bool DispatchPath::map() {
  const auto decoded = decode_path(path_, {}, decoded_);
  return decoded && map_servlet(*request_.mapped_context, decoded->path, request_, storage_);
}

}  // namespace serval::core
