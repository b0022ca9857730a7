#include "container/core/coyote_adapter.h"

#include <chrono>

#include "container/base/log.h"
#include "container/core/context.h"
#include "container/core/host.h"
#include "container/core/request.h"
#include "container/core/request_mapper.h"
#include "container/core/response.h"
#include "container/core/service.h"
#include "container/core/url_encoding.h"
#include "container/core/wrapper.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.connector.CoyoteAdapter"};

constexpr std::string_view kAllMethods = "GET, HEAD, POST, PUT, DELETE, OPTIONS";

bool allows_trace(const Request& request) {
  return request.connector && request.connector->settings().allow_trace;
}

std::int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

bool knows_session(Context& context, const std::string& id) {
  return context.manager() && context.manager()->find_session(id);
}

/// A version of an application that a request may enter.
struct Entrance {
  std::shared_ptr<Context> context;
  std::optional<Gate::Pass> pass;

  Entrance(const Mapper::Match& match, const Mapper::Version& version)
      : context(match.keep_alive, version.context.get()), pass(context->gate().enter()) {}
};

std::string context_root(const Request& request, const Context& context) {
  std::string location = encode_path(std::string(context.context_path()) + "/");
  if (request.requested_id_from_url) {
    location += ";" + context.session_cookie().url_parameter + "=" + *request.requested_id;
  }
  if (request.line.query) location.append("?").append(*request.line.query);
  return location;
}

/// An error counts for the servlet even if a valve before it answered.
void count(const Request& request, const Response& response, std::int64_t elapsed) {
  if (!request.wrapper) return;
  RequestStatistics& statistics = request.wrapper->statistics();
  if (request.reached_servlet) statistics.end(elapsed);
  if (response.is_error()) statistics.error();
}

}  // namespace

void CoyoteAdapter::service(Request& request, Response& response) {
  request.response = &response;
  response.request = &request;
  Pass pass;
  try {
    if (prepare(request, response, pass)) service_.engine().pipeline().invoke(request, response);
  } catch (const ClientAbortException&) {
    response.close_connection = true;
  } catch (...) {
    kLog.error("Exception while processing [{}]: {}", request.line.uri,
               current_exception_described().text());
    response.mark_error(500);
    response.close_connection = true;
    if (response.is_committed())
      response.abort = true;
    else
      response.reset_buffer();
  }
  const std::int64_t elapsed = steady_ns() - request.start_ns;
  count(request, response, elapsed);
  log_access(request, response, elapsed);
  request.release_session();
}

void CoyoteAdapter::log_access(Request& request, Response& response, std::int64_t elapsed) const {
  const Engine& engine = service_.engine();
  const Container* nearest = &engine;
  if (request.host) nearest = request.host.get();
  if (request.mapped_context) nearest = request.mapped_context.get();
  if (nearest->log_access(request, response, elapsed)) return;
  // Who has no log leaves it to the default host.
  if (request.host && engine.is_default_host(*request.host)) return;
  if (const auto host = engine.default_host()) host->log_access(request, response, elapsed);
}

bool CoyoteAdapter::answer_special_target(Request& request, Response& response) const {
  if (request.line.uri != "*") return false;
  if (request.method() == "OPTIONS") {
    response.set_header("Allow", allows_trace(request) ? std::string(kAllMethods) + ", TRACE"
                                                       : std::string(kAllMethods));
    return true;
  }
  response.send_error(400, "Invalid URI");
  return false;
}

bool CoyoteAdapter::prepare(Request& request, Response& response, Pass& pass) const {
  if (!response.is_error()) {
    if (answer_special_target(request, response)) return false;
    if (request.method() == "CONNECT") {
      response.send_error(501, "HTTP requests using the CONNECT method are not supported");
    }
  }
  if (response.is_error()) {
    map_host(request);
    return true;
  }
  map_context(request, response, pass);
  if (!request.mapped_context || response.is_error()) return true;
  return map_inside(request, response);
}

void CoyoteAdapter::map_host(Request& request) const {
  request.host = service_.mapper().find(request.server_name(), "/").host;
}

void CoyoteAdapter::map_context(Request& request, Response& response, Pass& pass) const {
  using namespace std::chrono_literals;
  constexpr int kAttempts = 100;
  for (int i = 0; i < kAttempts; ++i) {
    auto match = service_.mapper().find(request.server_name(), request.line.decoded_path);
    request.host = std::move(match.host);
    if (match.versions.empty()) return;
    Entrance chosen(match, match.versions.back());
    if (!chosen.pass) {
      // Reloading: wait. Stopping: the mapper will not know it any more.
      if (chosen.context->is_paused() && !chosen.context->wait_while_paused(30s)) break;
      continue;
    }
    request.mapped_context = std::move(chosen.context);
    const bool cookies_fit = request.find_requested_id(*request.mapped_context);
    pass.emplace(*std::move(chosen.pass));
    if (match.versions.size() > 1) choose_version(match, request, pass);
    if (!cookies_fit) {
      response.send_error(400, "More than the maximum allowed number of cookies were detected.");
    }
    return;
  }
  response.send_error(503, {});
}

/// The version that has the client's session, else the greatest, where the request is already.
void CoyoteAdapter::choose_version(const Mapper::Match& match, Request& request, Pass& pass) const {
  if (!request.requested_id || knows_session(*request.mapped_context, *request.requested_id))
    return;
  for (std::size_t i = match.versions.size() - 1; i-- > 0;) {
    Entrance other(match, match.versions[i]);
    if (!other.pass || !knows_session(*other.context, *request.requested_id)) continue;
    pass.reset();
    pass.emplace(*std::move(other.pass));
    request.mapped_context = std::move(other.context);
    return;
  }
}

bool CoyoteAdapter::map_inside(Request& request, Response& response) const {
  const Context& context = *request.mapped_context;
  const std::string_view path = request.line.decoded_path.substr(context.context_path().size());
  request.mapped_path = path;
  if (path.empty() && context.options.mapper_context_root_redirect_enabled &&
      !context.mapping().find_exact_or_prefix(path)) {
    response.send_redirect(context_root(request, context));
    return false;
  }
  map_servlet(context, path, request, request.path_storage);
  if (request.method() == "TRACE" && !allows_trace(request)) {
    if (request.wrapper) response.add_header("Allow", "GET, HEAD, POST, OPTIONS");
    response.send_error(405, "TRACE method is not allowed");
  }
  return true;
}

}  // namespace serval::core
