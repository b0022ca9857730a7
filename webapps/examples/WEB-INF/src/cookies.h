// webapps/examples/WEB-INF/src/cookies.h
#pragma once
#include <serval/servlet.h>

namespace examples {

/// Shows, sets and deletes cookies.
class Cookies final : public serval::HttpServlet {
  void do_get(serval::Request& request, serval::Response& response) override;
  void do_post(serval::Request& request, serval::Response& response) override;
};

}  // namespace examples
