// webapps/examples/WEB-INF/src/requests.h
#pragma once
#include <serval/servlet.h>

namespace examples {

/// Everything that a request line and a form say.
class RequestInfo final : public serval::HttpServlet {
  void do_get(serval::Request& request, serval::Response& response) override;
  void do_post(serval::Request& request, serval::Response& response) override {
    do_get(request, response);
  }
};

/// The header fields of the request.
class Headers final : public serval::HttpServlet {
  void do_get(serval::Request& request, serval::Response& response) override;
};

}  // namespace examples
