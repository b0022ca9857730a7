#include <serval/servlet.h>

#include <stdexcept>

namespace {

class Hello final : public serval::HttpServlet {
  void do_get(serval::Request&, serval::Response& response) override { response.write("hello"); }
};

class Thrower final : public serval::HttpServlet {
 public:
  Thrower() { throw std::runtime_error("no coffee"); }
};

class Marker final : public serval::Filter {
  void do_filter(serval::Request& request, serval::Response& response,
                 serval::FilterChain& chain) override {
    response.set_header("X-Marker", "1");
    chain.do_filter(request, response);
  }
};

class Greeter final : public serval::Listener {
  void context_initialized(serval::ServletContext& context) override {
    context.set_attribute("greeting", "set by the listener");
  }
};

}  // namespace

SERVAL_APPLICATION(serval::servlet_class<Hello>("test.Hello"),
                   serval::servlet_class<Thrower>("test.Thrower"),
                   serval::filter_class<Marker>("test.Marker"),
                   serval::listener_class<Greeter>("test.Greeter"));
