// webapps/examples/WEB-INF/src/hello.h
#pragma once
#include <serval/servlet.h>

#include <string>

namespace examples {

/// The smallest servlet: an init parameter from web.xml and a request parameter.
class Hello final : public serval::HttpServlet {
 public:
  void init(const serval::ServletConfig& config) override;

 private:
  void do_get(serval::Request& request, serval::Response& response) override;
  std::string greeting_;  // constant after init()
};

}  // namespace examples
