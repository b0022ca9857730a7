#include "cluster/ha/session/jvm_route_binder_valve.h"

#include <array>

#include "cluster/ha/request_gates.h"
#include "cluster/ha/session/cluster_manager.h"
#include "container/authenticator/login_notes.h"
#include "container/base/log.h"
#include "container/core/context.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/core/valve_bean.h"

namespace serval::ha {

namespace {
const Log kLog{"org.apache.catalina.ha.session.JvmRouteBinderValve"};
using namespace std::string_view_literals;
}  // namespace

std::span<const Attribute<JvmRouteBinderValve::Options>> JvmRouteBinderValve::attributes() {
  static const std::array table{
      attribute("enabled", &Options::enabled, "whether session ids are changed"),
      attribute("sessionIdAttribute", &Options::session_id_attribute,
                "request attribute that keeps the old id"),
  };
  return table;
}

std::unique_ptr<Bean> JvmRouteBinderValve::bean(std::string resource) {
  using This = JvmRouteBinderValve;
  static const auto table = [] {
    BeanTable<This> made{"org.apache.catalina.ha.session.JvmRouteBinderValve", {}, {}};
    made.read("className", [class_name = made.class_name](const This&) { return class_name; })
        .read("stateName", [](const This& v) { return v.is_running() ? "STARTED"sv : "STOPPED"sv; })
        .options()
        .read("numberOfSessions", [](const This& v) { return v.number_of_sessions(); })
        .run("start", [](This& v) { v.set_running(true); })
        .run("stop", [](This& v) { v.set_running(false); });
    core::show_async_supported(made);
    return made;
  }();
  return make_bean(*this, table, std::move(resource));
}

void JvmRouteBinderValve::set_running(bool running) {
  running_ = running;
  if (!running) moved_ = 0;
}

Result<> JvmRouteBinderValve::start() {
  running_ = true;
  if (!find_cluster()) kLog.warn("No cluster found: JvmRouteBinderValve does nothing");
  kLog.info("JvmRouteBinderValve started");
  return {};
}

void JvmRouteBinderValve::invoke(core::Request& request, core::Response& response,
                                 core::Next next) {
  if (options_->enabled && is_running() && cluster_ && request.requested_id &&
      request.mapped_context) {
    take_over(request, response);
  }
  next(request, response);
}

void JvmRouteBinderValve::take_over(core::Request& request, core::Response& response) {
  const core::Context& context = *request.mapped_context;
  const std::string& route = context.jvm_route();
  if (route.empty() || !context.is_distributable()) return;
  const std::string_view id = *request.requested_id;
  const std::size_t dot = id.find('.');
  if (dot == std::string_view::npos || dot == 0 || id.substr(dot + 1) == route) return;
  auto* const manager = dynamic_cast<ClusterManager*>(context.manager());
  if (!manager || manager->cluster() != cluster_) return;
  const std::string new_id = std::string(id.substr(0, dot + 1)) + route;
  const RequestGates gates(response);
  if (const auto session = manager->base().find_session(id)) {
    kLog.debug("A session of another node is taken over");
    move_session(request, session, new_id);
  } else if (manager->base().find_session(new_id)) {
    // Another request of the same user has moved it already.
    request.change_requested_session_id(new_id);
  }
}

void JvmRouteBinderValve::move_session(core::Request& request, const core::SessionPtr& session,
                                       const std::string& new_id) {
  const std::string old_id = *request.requested_id;
  if (!session->is_valid()) return;
  session->manager().change_session_id(session, new_id);
  if (const auto note = session->note(core::kSessionIdNote); note && *note == old_id) {
    session->set_note(core::kSessionIdNote, new_id);
  }
  request.change_requested_session_id(new_id);
  request.session_id_changed(new_id);
  request.set_attribute(options_->session_id_attribute, Value(old_id));
  moved_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace serval::ha
