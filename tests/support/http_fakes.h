// tests/support/http_fakes.h
#pragma once
#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "container/core/connector.h"
#include "container/core/context.h"
#include "container/core/engine.h"
#include "container/core/host.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/core/server.h"
#include "container/core/service.h"
#include "container/core/wrapper.h"

namespace serval::test {

/// A request body from memory, in pieces of a size.
class FakeBody final : public core::BodySource {
 public:
  explicit FakeBody(std::string text, std::size_t piece = 4096)
      : text_(std::move(text)), piece_(piece) {}
  Result<std::size_t> read(std::span<char> into) override {
    if (fails) return Error{Errc::kIo, "the client is gone"};
    const std::size_t n = std::min({into.size(), piece_, text_.size() - read_});
    std::memcpy(into.data(), text_.data() + read_, n);
    read_ += n;
    return n;
  }
  bool fails = false;

 private:
  const std::string text_;
  const std::size_t piece_;
  std::size_t read_ = 0;
};

/// Collects what a response writes before its end.
class FakeSink final : public core::ResponseSink {
 public:
  bool write_some(core::Response& response, std::string_view body) override {
    if (gone) return false;
    response.mark_committed();
    written.append(body);
    ++pieces;
    return true;
  }
  bool gone = false;
  std::string written;
  int pieces = 0;
};

/// Settings of a connector without a socket.
class FakeConnector final : public core::Connector {
 public:
  const Settings& settings() const override { return own; }
  void set_adapter(core::Adapter&) override {}
  void set_port_offset(int) override {}
  int local_port() const override { return 8080; }
  std::string name() const override { return "fake"; }
  void pause() override { events.push_back("pause"); }
  std::size_t drain() override {
    events.push_back("drain");
    return unanswered;
  }

  Settings own;
  std::vector<std::string> events;
  bool refuses_init = false;
  std::size_t unanswered = 0;

 protected:
  Result<> do_init() override {
    events.push_back("init");
    if (refuses_init) return Error{Errc::kIo, "Address already in use"};
    return {};
  }
  Result<> do_start() override {
    events.push_back("start");
    return {};
  }
  void do_stop() override { events.push_back("stop"); }
};

/// One request and its response, as a connection would hold them.
class Exchange {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  /// `target` may have a query; the path stands for itself, decoded, without ;parameters but
  /// ;jsessionid= at its end.
  explicit Exchange(std::string target, Headers headers = {}, std::string method = "GET")
      : target_(std::move(target)), method_(std::move(method)), headers_(std::move(headers)) {
    const std::string_view view = target_;
    const auto question = view.find('?');
    auto& line = request.line;
    line.method = method_;
    line.uri = view.substr(0, question);
    if (question != std::string_view::npos) line.query = view.substr(question + 1);
    line.decoded_path = line.uri.substr(0, line.uri.find(';'));
    constexpr std::string_view kId = ";jsessionid=";
    if (const auto at = line.uri.find(kId); at != std::string_view::npos) {
      line.session_id_in_path = line.uri.substr(at + kId.size());
    }
    line.protocol = "HTTP/1.1";
    line.server_name = "localhost";
    line.server_port = 8080;
    for (const auto& [name, value] : headers_) request.header_fields.push_back({name, value});
    request.connector = &connector;
    request.remote_addr_text = "127.0.0.1";
    request.local_addr_text = "127.0.0.1";
    request.local_port_number = 8080;
    request.remote_port_number = 40000;
    request.response = &response;
    response.request = &request;
    response.sink = &sink;
    response.head_only = method_ == "HEAD";
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void set_body(std::string text, std::string_view type = "application/x-www-form-urlencoded") {
    request.line.content_length = static_cast<std::int64_t>(text.size());
    body = std::make_unique<FakeBody>(std::move(text));
    request.body = body.get();
    type_ = type;
    request.header_fields.push_back({"Content-Type", type_});
  }
  Exchange& run(core::Adapter& adapter) {
    adapter.service(request, response);
    return *this;
  }
  std::string text() const { return sink.written + std::string(response.buffer()); }
  std::string header(std::string_view name) const {
    for (const auto& [known, value] : response.header_list()) {
      if (known == name) return value;
    }
    return {};
  }
  /// The value of the session cookie that was set, or empty.
  std::string new_session_id(std::string_view name = "JSESSIONID") const {
    const std::string start = std::string(name) + "=";
    for (const auto& cookie : response.set_cookies()) {
      if (cookie.starts_with(start)) {
        return cookie.substr(start.size(), cookie.find(';') - start.size());
      }
    }
    return {};
  }

  FakeConnector connector;
  FakeSink sink;
  std::unique_ptr<FakeBody> body;
  core::Request request;
  core::Response response;

 private:
  const std::string target_, method_;
  const Headers headers_;
  std::string type_;
};

/// A servlet that is a function.
class FunctionServlet final : public Servlet {
 public:
  using Function = std::function<void(Request&, Response&)>;
  explicit FunctionServlet(Function function) : function_(std::move(function)) {}
  void service(Request& request, Response& response) override { function_(request, response); }

 private:
  const Function function_;
};

/// Classes of a test's application, by name.
struct TestClasses {
  std::map<std::string, std::function<std::unique_ptr<Servlet>()>, std::less<>> servlets;
  std::map<std::string, std::function<std::unique_ptr<Filter>()>, std::less<>> filters;
  std::map<std::string, std::function<std::unique_ptr<Listener>()>, std::less<>> listeners;
};
class TestClassFactory final : public core::ClassFactory {
 public:
  explicit TestClassFactory(const TestClasses& classes) : classes_(classes) {}
  Result<std::unique_ptr<Servlet>> make_servlet(std::string_view name) override {
    return make<Servlet>(classes_.servlets, name);
  }
  Result<std::unique_ptr<Filter>> make_filter(std::string_view name) override {
    return make<Filter>(classes_.filters, name);
  }
  Result<std::unique_ptr<Listener>> make_listener(std::string_view name) override {
    return make<Listener>(classes_.listeners, name);
  }

 private:
  template <class T, class Map>
  static Result<std::unique_ptr<T>> make(const Map& map, std::string_view name) {
    const auto it = map.find(name);
    if (it == map.end()) return Error{Errc::kNotFound, "no class " + std::string(name)};
    return it->second();
  }
  const TestClasses& classes_;
};

/// An application whose web.xml is a function. Give its configuration to `configure`; each start
/// calls it anew.
class TestApplication {
 public:
  explicit TestApplication(std::string_view base_name, std::filesystem::path doc_base = "/nowhere")
      : context(std::make_shared<core::Context>(core::ContextName::from_base_name(base_name),
                                                std::move(doc_base))) {
    struct Configure final : LifecycleListener {
      explicit Configure(TestApplication& a) : app(a) {}
      void lifecycle_event(const LifecycleEvent& event) override {
        if (event.type == "configure_start") app.configure_now();
      }
      TestApplication& app;
    };
    context->add_lifecycle_listener(std::make_unique<Configure>(*this));
  }
  TestApplication(const TestApplication&) = delete;
  TestApplication& operator=(const TestApplication&) = delete;

  /// A servlet with its patterns.
  TestApplication& servlet(std::string name, std::vector<std::string> patterns,
                           FunctionServlet::Function function, int load_on_startup = -1) {
    classes.servlets[name] = [function] { return std::make_unique<FunctionServlet>(function); };
    definitions.push_back({std::move(name), std::move(patterns), load_on_startup});
    return *this;
  }

  std::shared_ptr<core::Context> context;
  TestClasses classes;
  struct Definition {
    std::string name;
    std::vector<std::string> patterns;
    int load_on_startup = -1;
  };
  std::vector<Definition> definitions;
  /// Further settings, at each start.
  std::function<void(core::Context&)> configure;

 private:
  void configure_now() {
    context->set_class_factory(std::make_unique<TestClassFactory>(classes));
    for (const auto& d : definitions) {
      core::Wrapper::Definition definition;
      definition.servlet_class = d.name;
      definition.load_on_startup = d.load_on_startup;
      context->add_servlet(std::make_shared<core::Wrapper>(d.name, std::move(definition)));
      for (const auto& pattern : d.patterns) context->add_mapping(pattern, d.name);
    }
    if (configure) configure(*context);
  }
};

/// A service with one engine and one host, without sockets.
class TestService {
 public:
  explicit TestService(std::string jvm_route = {}, core::Host::Options host_options = {})
      : service("Catalina") {
    core::Engine::Options engine_options;
    engine_options.name = "Catalina";
    engine_options.default_host = "localhost";
    engine_options.jvm_route = std::move(jvm_route);
    engine = std::make_shared<core::Engine>(engine_options);
    service.set_engine(engine);
    host_options.name = "localhost";
    host = std::make_shared<core::Host>(host_options);
    engine->add_child(host, false);
  }
  ~TestService() { service.stop(); }
  TestService(const TestService&) = delete;
  TestService& operator=(const TestService&) = delete;

  void add(TestApplication& application) { host->add_child(application.context); }
  Result<> start() { return service.start(); }
  Exchange& run(Exchange& exchange) { return exchange.run(service.adapter()); }

  core::Service service;
  std::shared_ptr<core::Engine> engine;
  std::shared_ptr<core::Host> host;
};

}  // namespace serval::test
