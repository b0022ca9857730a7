// One application hands a request to a resource of its own or of another application.
#include <gtest/gtest.h>

#include "container/servlet/serval/error.h"
#include "tests/support/http_fakes.h"

namespace serval::core {
namespace {

using test::Exchange;
using test::TestApplication;
using test::TestService;

std::string text_of(const Value& value) {
  const auto* const text = value.get_if<std::string>();
  return text ? *text : "-";
}

/// Where a request says that it is, and where the attributes of a dispatch say that it was or is.
std::string address(serval::Request& request, const std::string& family) {
  std::string text(request.request_uri());
  text.append(" ").append(request.context_path()).append(" ").append(request.servlet_path());
  text.append(" ").append(request.path_info().value_or("-"));
  text.append(" ").append(request.query_string().value_or("-"));
  for (const auto* const name :
       {"request_uri", "context_path", "servlet_path", "path_info", "query_string"}) {
    text.append(" ").append(text_of(request.attribute("javax.servlet." + family + "." + name)));
  }
  return text;
}

std::string parameters(serval::Request& request, std::string_view name) {
  std::string all;
  for (const auto value : request.parameter_values(name)) all.append(value).append(";");
  return all;
}

/// /app, whose /s/* runs what the test gives it, and /other, whose /t/* does.
class DispatchTest : public ::testing::Test {
 protected:
  using Function = test::FunctionServlet::Function;

  DispatchTest() {
    app.context->options.cross_context = true;
    app.servlet("s", {"/s/*"}, [this](auto& request, auto& response) { asks(request, response); });
    app.servlet("own", {"/own"},
                [this](auto& request, auto& response) { does(request, response); });
    other.servlet("t", {"/t/*"},
                  [this](auto& request, auto& response) { does(request, response); });
    service.add(app);
    service.add(other);
  }
  static std::unique_ptr<RequestDispatcher> to(serval::Request& request, std::string_view path,
                                               std::string_view application = "/other") {
    return request.context().context(application)->dispatcher(path);
  }
  std::string get() {
    EXPECT_TRUE(service.start());
    service.run(e);
    return std::to_string(e.response.status()) + " " + e.text();
  }

  TestService service;
  TestApplication app{"app"}, other{"other"};
  Function asks, does;
  Exchange e{"/app/s/x?a=1&b=1"};
};

TEST_F(DispatchTest, OnlyAContextWithCrossContextSeesTheOthers) {
  asks = [&](serval::Request& request, serval::Response&) {
    ServletContext& own = request.context();
    EXPECT_EQ(own.context("/app").get(), &own);
    EXPECT_EQ(own.context("/app/s").get(), &own);
    EXPECT_EQ(own.context("/other/t/x").get(), other.context.get());
    EXPECT_EQ(own.context("other"), nullptr);
    EXPECT_EQ(own.context("/nobody"), nullptr);
    EXPECT_EQ(other.context->context("/app"), nullptr);
    EXPECT_EQ(other.context->context("/other").get(), other.context.get());
  };
  EXPECT_EQ(get(), "200 ");
}

TEST_F(DispatchTest, ThereIsNoDispatcherForAPathOutsideOfTheApplication) {
  asks = [](serval::Request& request, serval::Response&) {
    ServletContext& own = request.context();
    for (const auto* const path : {"", "s", "?x=1"}) {
      EXPECT_THROW(own.dispatcher(path), IllegalArgumentException) << path;
    }
    for (const auto* const path : {"/../s", "/%2"})
      EXPECT_EQ(own.dispatcher(path), nullptr) << path;
    EXPECT_NE(own.dispatcher("/a/../s"), nullptr);
  };
  EXPECT_EQ(get(), "200 ");
}

TEST_F(DispatchTest, AForwardedRequestIsAnsweredByTheOtherApplication) {
  asks = [&](serval::Request& request, serval::Response& response) {
    response.set_header("X-Kept", "yes");
    response.write("lost");
    to(request, "/t/y%20z?a=2")->forward(request, response);
    response.write("too late");
    EXPECT_EQ(&request.context(), app.context.get());
    EXPECT_EQ(address(request, "forward"), "/app/s/x /app /s /x a=1&b=1 - - - - -");
    EXPECT_EQ(parameters(request, "a"), "1;");
  };
  does = [&](serval::Request& request, serval::Response& response) {
    EXPECT_EQ(&request.context(), other.context.get());
    EXPECT_EQ(address(request, "forward"),
              "/other/t/y%20z /other /t /y z a=2 /app/s/x /app /s /x a=1&b=1");
    EXPECT_EQ(parameters(request, "a"), "2;1;");
    EXPECT_EQ(parameters(request, "b"), "1;");
    response.set_status(202);
    response.write("answer");
  };
  EXPECT_EQ(get(), "202 answer");
  EXPECT_EQ(e.header("X-Kept"), "yes");
}

TEST_F(DispatchTest, AnAnswerThatHasBegunCannotBeForwarded) {
  asks = [](serval::Request& request, serval::Response& response) {
    response.write("begun");
    response.flush();
    EXPECT_THROW(to(request, "/t/")->forward(request, response), IllegalStateException);
    response.write(", goes on");
  };
  does = [](auto&, auto&) { FAIL() << "must not run"; };
  EXPECT_EQ(get(), "200 begun, goes on");
}

TEST_F(DispatchTest, AForwardToNothingIsNotFoundAndAnIncludeOfNothingThrows) {
  asks = [](serval::Request& request, serval::Response& response) {
    EXPECT_THROW(to(request, "/nothing")->include(request, response), ServletException);
    to(request, "/nothing")->forward(request, response);
  };
  EXPECT_EQ(get().substr(0, 4), "404 ");
}

TEST_F(DispatchTest, AnIncludedResourceAddsToTheBodyAndToNothingElse) {
  asks = [&](serval::Request& request, serval::Response& response) {
    response.set_header("X-Kept", "yes");
    response.write("before(");
    to(request, "/t/y?a=2")->include(request, response);
    response.write(")after");
    response.set_header("X-Late", "set");
    EXPECT_EQ(&request.context(), app.context.get());
    EXPECT_EQ(address(request, "include"), "/app/s/x /app /s /x a=1&b=1 - - - - -");
    EXPECT_EQ(parameters(request, "a"), "1;");
  };
  does = [&](serval::Request& request, serval::Response& response) {
    EXPECT_EQ(&request.context(), other.context.get());
    EXPECT_EQ(address(request, "include"),
              "/app/s/x /app /s /x a=1&b=1 /other/t/y /other /t /y a=2");
    EXPECT_EQ(parameters(request, "a"), "2;1;");
    response.set_status(500);
    response.set_header("X-Kept", "no");
    response.add_header("X-Added", "no");
    response.set_content_type("text/none");
    response.set_content_length(1);
    Cookie cookie;
    cookie.name = cookie.value = "none";
    response.add_cookie(cookie);
    response.reset();
    response.send_error(404, "no");
    response.send_redirect("/no");
    EXPECT_THROW(response.send_file("/etc/hostname", 0, 1), IllegalStateException);
    response.write("included");
  };
  EXPECT_EQ(get(), "200 before(included)after");
  EXPECT_EQ(e.header("X-Kept"), "yes");
  EXPECT_EQ(e.header("X-Late"), "set");
  EXPECT_FALSE(e.response.contains_header("X-Added"));
  EXPECT_FALSE(e.response.contains_header("Location"));
  EXPECT_FALSE(e.response.contains_header("Content-Type"));
  EXPECT_FALSE(e.response.declared_length());
  EXPECT_TRUE(e.response.set_cookies().empty());
}

TEST_F(DispatchTest, AnIncludeMayBeInsideOfAnother) {
  asks = [](serval::Request& request, serval::Response& response) {
    to(request, "/t/outer")->include(request, response);
  };
  does = [](serval::Request& request, serval::Response& response) {
    const auto seen = [&] { return text_of(request.attribute("javax.servlet.include.path_info")); };
    response.write(seen() + "(");
    if (seen() == "/outer") to(request, "/t/inner")->include(request, response);
    response.write(")" + seen());
  };
  EXPECT_EQ(get(), "200 /outer(/inner()/inner)/outer");
}

TEST_F(DispatchTest, TheSessionOfAVisitIsTheOtherApplicationsUnderTheSameId) {
  std::string id;
  asks = [&](serval::Request& request, serval::Response& response) {
    to(request, "/t/")->include(request, response);
    Session* const own = request.session(false);
    ASSERT_TRUE(own);  // made for its id
    EXPECT_EQ(own->id(), id);
    EXPECT_EQ(&own->context(), app.context.get());
    own->set_attribute("x", "app");
    to(request, "/t/")->include(request, response);
  };
  bool is_first = true;
  does = [&](serval::Request& request, serval::Response&) {
    if (std::exchange(is_first, false)) {
      EXPECT_EQ(request.session(false), nullptr);
    }
    Session* const session = request.session(true);
    EXPECT_EQ(&session->context(), other.context.get());
    EXPECT_EQ(text_of(session->attribute("x")), id.empty() ? "-" : "other");
    session->set_attribute("x", "other");
    id = session->id();
  };
  EXPECT_EQ(get(), "200 ");
  EXPECT_EQ(e.new_session_id(), id);
  EXPECT_EQ(e.response.set_cookies().size(), 1u);
  EXPECT_EQ(text_of(app.context->manager()->find_session(id)->attribute("x")), "app");
  EXPECT_EQ(text_of(other.context->manager()->find_session(id)->attribute("x")), "other");
}

TEST_F(DispatchTest, AnotherSessionIdOrInvalidationConcernsOneApplication) {
  asks = [](serval::Request& request, serval::Response& response) {
    request.session(true)->set_attribute("x", "app");
    to(request, "/t/")->include(request, response);
    EXPECT_EQ(text_of(request.session(false)->attribute("x")), "app");
  };
  does = [](serval::Request& request, serval::Response&) {
    request.session(true)->invalidate();
    EXPECT_EQ(request.session(false), nullptr);
    EXPECT_TRUE(request.session(true)->is_new());
    const std::string old = request.session(true)->id();
    const std::string changed = request.change_session_id();  // of the session of the client
    EXPECT_NE(changed, old);
    EXPECT_EQ(request.session(false)->id(), old);
  };
  EXPECT_EQ(get(), "200 ");
  EXPECT_TRUE(app.context->manager()->find_session(e.new_session_id()));
}

TEST_F(DispatchTest, AnApplicationThatHasStoppedIsNotVisited) {
  bool has_thrown = false;
  asks = [&](serval::Request& request, serval::Response& response) {
    const auto dispatcher = to(request, "/t/");
    other.context->stop();
    EXPECT_EQ(request.context().context("/other"), nullptr);
    EXPECT_THROW(dispatcher->include(request, response), ServletException);
    EXPECT_EQ(&request.context(), app.context.get());
    has_thrown = true;
  };
  EXPECT_EQ(get(), "200 ");
  EXPECT_TRUE(has_thrown);
}

TEST_F(DispatchTest, AVisitEndsWithTheRequest) {
  asks = [](serval::Request& request, serval::Response& response) {
    to(request, "/t/")->include(request, response);
  };
  does = [](serval::Request& request, serval::Response&) { request.session(true); };
  EXPECT_EQ(get(), "200 ");
  EXPECT_TRUE(e.request.visits().empty());
  other.context->gate().close();
  EXPECT_TRUE(other.context->gate().wait_empty(std::chrono::milliseconds(0)));
}

TEST_F(DispatchTest, WhatTheOtherApplicationThrowsReachesTheCaller) {
  asks = [&](serval::Request& request, serval::Response& response) {
    EXPECT_THROW(to(request, "/t/")->include(request, response), std::runtime_error);
    EXPECT_THROW(to(request, "/t/")->forward(request, response), std::runtime_error);
    EXPECT_EQ(&request.context(), app.context.get());
    response.set_header("X-After", "yes");
    response.write("caught");
  };
  does = [](auto&, auto&) { throw std::runtime_error("broken"); };
  EXPECT_EQ(get(), "200 caught");
  EXPECT_EQ(e.header("X-After"), "yes");
}

TEST_F(DispatchTest, AResourceOfTheSameApplicationHasItsSession) {
  asks = [](serval::Request& request, serval::Response& response) {
    request.session(true)->set_attribute("x", "same");
    request.context().dispatcher("/own")->include(request, response);
  };
  does = [](serval::Request& request, serval::Response& response) {
    response.write(text_of(request.session(false)->attribute("x")));
  };
  EXPECT_EQ(get(), "200 same");
  EXPECT_TRUE(e.request.visits().empty());
}

/// Writes its name, then what follows.
class Marker final : public Filter {
 public:
  void do_filter(serval::Request& request, serval::Response& response,
                 FilterChain& chain) override {
    response.write("filter:");
    chain.do_filter(request, response);
  }
};

TEST_F(DispatchTest, FiltersGoByTheKindOfDispatch) {
  other.classes.filters["Marker"] = [] { return std::make_unique<Marker>(); };
  other.configure = [](Context& c) {
    c.settings.filters = {{"marker", "Marker", {}}};
    ContextSettings::FilterMapping mapping;
    mapping.filter_name = "marker";
    mapping.url_pattern = "/t/*";
    mapping.on_request = false;
    mapping.on_include = true;
    c.settings.filter_mappings = {mapping};
  };
  asks = [](serval::Request& request, serval::Response& response) {
    to(request, "/t/")->include(request, response);
  };
  does = [](auto&, serval::Response& response) { response.write("t"); };
  EXPECT_EQ(get(), "200 filter:t");

  asks = [](serval::Request& request, serval::Response& response) {
    to(request, "/t/")->forward(request, response);
  };
  Exchange forwarded{"/app/s"};
  EXPECT_EQ(service.run(forwarded).text(), "t");
}

}  // namespace
}  // namespace serval::core
