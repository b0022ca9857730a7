// An application with memory errors, to see that the tests would see them.
#include <serval/servlet.h>

#include <memory>

namespace {

std::unique_ptr<std::string> some_text() {
  return std::make_unique<std::string>("a text that does not fit into the object itself");
}

class Careless final : public serval::HttpServlet {
  void do_get(serval::Request&, serval::Response& response) override {
    auto text = some_text();
    const std::string* const gone = text.get();
    text.reset();
    response.write(*gone);
  }
};

class Leaking final : public serval::HttpServlet {
  void do_get(serval::Request&, serval::Response& response) override {
    response.write(*some_text().release());
  }
};

}  // namespace

SERVAL_APPLICATION(serval::servlet_class<Careless>("test.Careless"),
                   serval::servlet_class<Leaking>("test.Leaking"));
