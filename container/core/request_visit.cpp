#include <fmt/format.h>

#include <algorithm>

#include "container/core/context.h"
#include "container/core/request.h"
#include "container/servlet/serval/error.h"
#include "container/session/manager.h"

namespace serval::core {

Request::AtHome::AtHome(Request& request)
    : request_(request),
      context_(request.mapped_context),
      context_path_(request.context_path_view) {
  if (!request_.home_) return;
  request_.mapped_context = request_.home_;
  request_.context_path_view.reset();
}

Request::AtHome::~AtHome() {
  request_.mapped_context = std::move(context_);
  request_.context_path_view = context_path_;
}

void Request::enter(const std::shared_ptr<Context>& context) {
  if (!home_) home_ = mapped_context;
  const bool is_known =
      context == home_ || std::ranges::count(visits_, context, &Visit::context) > 0;
  if (!is_known) {
    auto pass = context->gate().enter();
    if (!pass) {
      throw ServletException(
          fmt::format("The application [{}] is not available", context->context_path()));
    }
    visits_.push_back({context, *std::move(pass), nullptr});
  }
  mapped_context = context;
}

StandardSession* Request::visited_session(bool create) {
  SessionPtr& session = std::ranges::find(visits_, mapped_context, &Visit::context)->session;
  if (session && session->is_valid()) return session.get();
  session.reset();
  std::string id;
  {
    const AtHome home(*this);
    const auto* const own = internal_session(create);
    if (!own) return nullptr;
    id = own->id();
  }
  Manager* const manager = mapped_context->manager();
  if (!manager) return nullptr;
  session = manager->access_session(id);
  if (session || !create) return session.get();
  session = manager->create_session(id);
  session->access();
  return session.get();
}

}  // namespace serval::core
