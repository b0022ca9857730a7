#include "counter.h"

#include <cstdint>

#include "html.h"

namespace examples {

void Counter::do_get(serval::Request& request, serval::Response& response) {
  serval::Session& session = *request.session();
  std::int32_t count = 1;
  const serval::Value seen = session.attribute("count");
  if (const auto* before = seen.get_if<std::int32_t>()) count = *before + 1;
  // Only what goes through set_attribute reaches the other nodes.
  session.set_attribute("count", count);

  std::string body = "<p class=\"big\">" + std::to_string(count) + "</p>\n<table>\n";
  body += row("Session", session.id());
  body += row("New", session.is_new() ? "yes" : "no");
  body += row("This node",
              std::string(request.local_addr()) + ":" + std::to_string(request.local_port()));
  body +=
      "</table>\n<form method=\"post\"><button name=\"again\">Count</button> "
      "<button name=\"end\" value=\"1\">End the session</button></form>\n"
      "<p>The web.xml of this application says <code>&lt;distributable/&gt;</code>: ask another "
      "node of the cluster and it counts on.</p>\n";
  send_page(request, response, "Session counter", "counter.cpp", body);
}

void Counter::do_post(serval::Request& request, serval::Response& response) {
  if (request.parameter("end")) request.session()->invalidate();
  // Answer a form with a redirect, so that a reload of the page does not send it again.
  response.send_redirect(response.encode_url(request.request_uri()));
}

}  // namespace examples
