// webapps/examples/WEB-INF/src/counter.h
#pragma once
#include <serval/servlet.h>

namespace examples {

/// A number in the session; the session is on every node.
class Counter final : public serval::HttpServlet {
  void do_get(serval::Request& request, serval::Response& response) override;
  void do_post(serval::Request& request, serval::Response& response) override;
};

}  // namespace examples
