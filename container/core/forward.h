// container/core/forward.h
#pragma once
#include <string_view>

namespace serval::core {

class Request;
class Response;

/// Lets another resource of the same context answer the request: filters for FORWARD, then the
/// servlet. What was buffered is dropped; nothing can be added afterwards.
///
/// `location`: "/login.html", perhaps with a query. Errors: IllegalStateException after the answer
/// has begun; what the application throws; status 404 if nothing is there.
/// Source: Tomcat org.apache.catalina.core.ApplicationDispatcher.forward.
void forward(Request& request, Response& response, std::string_view location);

}  // namespace serval::core
