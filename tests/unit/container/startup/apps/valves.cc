#include <serval/valve.h>

#include <stdexcept>

namespace {

class Strict final : public serval::Valve {
  bool set_property(std::string_view name, std::string_view value) override {
    if (name == "size" && value == "many") throw std::invalid_argument("no number");
    return name == "size";
  }
  void start() override { throw std::runtime_error("no paper"); }
  void stop() override { throw std::runtime_error("jammed"); }
  void background_process() override { throw std::runtime_error("jammed"); }
  void invoke(serval::Request&, serval::Response& response, serval::NextValve&) override {
    response.set_header("X-Strict", "yes");
  }
};

class Thrower final : public serval::Valve {
 public:
  Thrower() { throw std::runtime_error("no coffee"); }

 private:
  void invoke(serval::Request&, serval::Response&, serval::NextValve&) override {}
};

class Hello final : public serval::HttpServlet {};

}  // namespace

SERVAL_APPLICATION(serval::valve_class<Strict>("test.Strict"),
                   serval::valve_class<Thrower>("test.Thrower"),
                   serval::servlet_class<Hello>("test.Hello"),
                   serval::valve_class<Strict>("org.apache.catalina.valves.AccessLogValve"));
