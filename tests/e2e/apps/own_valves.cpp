// Valves of an operator's own, for the lib folder of a server.
#include <serval/valve.h>

#include <atomic>

namespace {

/// Tells how many requests it has seen, and keeps the changes of those whose query has "keep".
class Sparing final : public serval::ClusterValve {
  bool set_property(std::string_view name, std::string_view value) override {
    if (name == "header") header_ = value;
    return name == "header";
  }
  void invoke(serval::Request& request, serval::Response& response,
              serval::NextValve& next) override {
    response.set_header(header_, cluster_->cluster_name() + " " + std::to_string(++requests_));
    next.invoke();
    const std::string_view query = request.query_string().value_or("");
    if (query.find("keep") == std::string_view::npos) cluster_->replicate(request);
  }

  std::string header_ = "X-Sparing";
  std::atomic<int> requests_{0};
};

/// Adds a text to each answer, and the path of the application if the query asks for it.
class Stamp final : public serval::Valve {
  bool set_property(std::string_view name, std::string_view value) override {
    if (name == "text") text_ = value;
    return name == "text";
  }
  void invoke(serval::Request& request, serval::Response& response,
              serval::NextValve& next) override {
    response.add_header("X-Stamp", text_);
    if (request.query_string() == "where")
      response.add_header("X-Where", request.context().context_path());
    next.invoke();
  }

  std::string text_;
};

}  // namespace

SERVAL_APPLICATION(serval::cluster_valve_class<Sparing>("test.Sparing"),
                   serval::valve_class<Stamp>("test.Stamp"));
