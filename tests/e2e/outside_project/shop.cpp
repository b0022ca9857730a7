#include <serval/servlet.h>

class Shop final : public serval::HttpServlet {
  void do_get(serval::Request& request, serval::Response& response) override {
    response.set_content_type("text/plain");
    response.write("shop for " + std::string(request.parameter("who").value_or("all")));
  }
};

SERVAL_APPLICATION(serval::servlet_class<Shop>("shop.Shop"));
