#include "requests.h"

#include "html.h"

namespace examples {

void RequestInfo::do_get(serval::Request& request, serval::Response& response) {
  std::string body = "<table>\n";
  body += row("Method", request.method());
  body += row("Request URI", request.request_uri());
  body += row("Context path", request.context_path());
  body += row("Servlet path", request.servlet_path());
  body += row("Path info", request.path_info().value_or("none"));
  body += row("Query string", request.query_string().value_or("none"));
  body += row("Protocol", request.protocol());
  body += row("Client", request.remote_addr());
  body += row("Server",
              std::string(request.server_name()) + ":" + std::to_string(request.server_port()));
  body += row("Secure", request.is_secure() ? "yes" : "no");
  body += row("User", request.remote_user().value_or("not logged in"));
  body += "</table>\n<h2>Parameters</h2>\n<table>\n";
  for (const std::string_view name : request.parameter_names()) {
    for (const std::string_view value : request.parameter_values(name)) body += row(name, value);
  }
  body +=
      "</table>\n<form method=\"post\"><input name=\"text\" value=\"a form field\"> "
      "<button>Post it</button></form>\n";
  send_page(request, response, "Request", "requests.cpp", body);
}

void Headers::do_get(serval::Request& request, serval::Response& response) {
  // What a browser may keep of the answer is said in headers too.
  response.set_header("Cache-Control", "no-store");
  std::string body = "<table>\n";
  for (const std::string_view name : request.header_names()) {
    for (const std::string_view value : request.headers(name)) body += row(name, value);
  }
  send_page(request, response, "Request headers", "requests.cpp", body + "</table>\n");
}

}  // namespace examples
