// container/core/error_dispatch.h
#pragma once

namespace serval::core {

class Context;
class Request;
class Response;

/// Lets the application's own error page answer, if web.xml has one for what happened: by the
/// exception's class and its bases, then those of its root cause, then by status, then the page for
/// everything. The page runs as an ERROR dispatch with the javax.servlet.error.* attributes; the
/// status stays. A committed response gets the page appended and loses its connection.
///
/// Requires: response.needs_error_report(). It is still so afterwards when there is no page, or the
/// page failed itself.
/// Source: Tomcat StandardHostValve.status, .throwable, .custom.
void dispatch_error(Request& request, Response& response, Context& context);

}  // namespace serval::core
