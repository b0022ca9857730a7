#include <serval/valve.h>

class Stamp final : public serval::Valve {
  void invoke(serval::Request&, serval::Response& response, serval::NextValve& next) override {
    response.set_header("X-Stamp", "shop");
    next.invoke();
  }
};

SERVAL_APPLICATION(serval::valve_class<Stamp>("shop.Stamp"));
