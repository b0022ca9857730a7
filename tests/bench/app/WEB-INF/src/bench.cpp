// What is measured. tests/bench/tomcat has the same servlets in Java.
#include <serval/servlet.h>

#include <cstdint>
#include <string>

namespace {

class Plain final : public serval::HttpServlet {
  void do_get(serval::Request&, serval::Response& response) override {
    response.set_content_type("text/plain");
    response.write("Hello, World!");
  }
};

class Count final : public serval::HttpServlet {
  void do_get(serval::Request& request, serval::Response& response) override {
    serval::Session& session = *request.session();
    const serval::Value seen = session.attribute("count");
    const auto* before = seen.get_if<std::int32_t>();
    const std::int32_t count = before ? *before + 1 : 1;
    session.set_attribute("count", count);
    response.set_content_type("text/plain");
    response.write("count=" + std::to_string(count));
  }
};

/// A session of 1 KiB for each client without one.
class Fill final : public serval::HttpServlet {
  void do_get(serval::Request& request, serval::Response& response) override {
    serval::Session& session = *request.session();
    const serval::Value value = session.attribute("data");
    const auto* found = value.get_if<std::string>();
    if (found == nullptr) {
      std::string data = session.id();  // no two are equal
      data.resize(1024, 'x');
      session.set_attribute("data", data);
    }
    response.set_content_type("text/plain");
    response.write(found == nullptr ? "made" : "found " + std::to_string(found->size()));
  }
};

}  // namespace

SERVAL_APPLICATION(serval::servlet_class<Plain>("bench.Plain"),
                   serval::servlet_class<Count>("bench.Count"),
                   serval::servlet_class<Fill>("bench.Fill"));
