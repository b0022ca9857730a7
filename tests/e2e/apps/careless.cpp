// An application with a memory error, to see that the tests would see one.
#include <serval/servlet.h>

#include <memory>

namespace {

class Careless final : public serval::HttpServlet {
  void do_get(serval::Request&, serval::Response& response) override {
    auto text = std::make_unique<std::string>("a text that does not fit into the object itself");
    const std::string* const gone = text.get();
    text.reset();
    response.write(*gone);
  }
};

}  // namespace

SERVAL_APPLICATION(serval::servlet_class<Careless>("test.Careless"));
