#include "cookies.h"

#include "html.h"

namespace examples {

void Cookies::do_get(serval::Request& request, serval::Response& response) {
  std::string body = "<table>\n";
  for (const serval::Cookie& cookie : request.cookies()) body += row(cookie.name, cookie.value);
  body +=
      "</table>\n<form method=\"post\"><input name=\"name\" value=\"color\"> "
      "<input name=\"value\" value=\"blue\"> <button>Set cookie</button> "
      "<button name=\"delete\" value=\"1\">Delete cookie</button></form>\n";
  send_page(request, response, "Cookies", "cookies.cpp", body);
}

void Cookies::do_post(serval::Request& request, serval::Response& response) {
  serval::Cookie cookie;
  cookie.name = request.parameter("name").value_or("");
  cookie.value = request.parameter("value").value_or("");
  cookie.path = request.context_path();
  cookie.http_only = true;
  cookie.same_site = "Lax";
  cookie.max_age = request.parameter("delete") ? 0 : 3600;
  try {
    response.add_cookie(cookie);
  } catch (const serval::IllegalArgumentException& e) {
    response.send_error(400, e.what());
    return;
  }
  response.send_redirect(request.request_uri());
}

}  // namespace examples
