// container/core/forward.h
#pragma once
#include <memory>
#include <string_view>

namespace serval::core {

class Context;
class Request;
class Response;

/// Lets another resource answer the request: filters for FORWARD, then the servlet. What was
/// buffered is dropped; nothing can be added afterwards. Meanwhile the request has the
/// javax.servlet.forward.* attributes.
///
/// `target`: the context it is in, the request's own or another one. `location`: "/login.html",
/// perhaps with a query. Errors: IllegalStateException after the answer has begun; ServletException
/// when the target has stopped; what the application throws; status 404 if nothing is there.
/// Source: Tomcat org.apache.catalina.core.ApplicationDispatcher.forward.
void forward(Request& request, Response& response, std::shared_ptr<Context> target,
             std::string_view location);

/// Lets another resource add to the answer: filters for INCLUDE, then the servlet. The request
/// keeps its address and has the javax.servlet.include.* attributes meanwhile; status and headers
/// cannot be changed.
///
/// Errors: ServletException when the target has stopped or nothing is there; what the application
/// throws. Source: ApplicationDispatcher.include.
void include(Request& request, Response& response, std::shared_ptr<Context> target,
             std::string_view location);

}  // namespace serval::core
