// webapps/examples/WEB-INF/src/files.h
#pragma once
#include <serval/servlet.h>

namespace examples {

/// Sends a file with a name for the browser to save it under.
class Download final : public serval::HttpServlet {
  void do_get(serval::Request& request, serval::Response& response) override;
};

/// Writes as much as it is asked for, without holding it in memory.
class Stream final : public serval::HttpServlet {
  void do_get(serval::Request& request, serval::Response& response) override;
};

/// Shows a source file of these examples.
class Source final : public serval::HttpServlet {
  void do_get(serval::Request& request, serval::Response& response) override;
};

}  // namespace examples
