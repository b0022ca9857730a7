#include <gtest/gtest.h>

#include "container/servlet/serval/error.h"
#include "tests/support/http_fakes.h"
#include "tests/support/log_capture.h"

namespace serval::core {
namespace {

using test::Exchange;
using test::TestApplication;
using test::TestService;

struct OrderError : ServletException {
  using ServletException::ServletException;
};

std::string text_of(const Value& value) {
  if (const auto* const text = value.get_if<std::string>()) return *text;
  if (const auto* const number = value.get_if<std::int32_t>()) return std::to_string(*number);
  return "null";
}

/// An application with error pages; /fail runs what the test gives it.
class ErrorPages : public ::testing::Test {
 protected:
  ErrorPages() {
    app.servlet("fail", {"/fail/*"}, [this](auto& rq, auto& rs) { fail(rq, rs); });
    app.servlet("page", {"/page/*"}, [](serval::Request& request, serval::Response& response) {
      std::string text(request.path_info().value_or(""));
      for (const auto* const name :
           {"status_code", "message", "request_uri", "servlet_name", "exception_type"}) {
        text += "|" + text_of(request.attribute(std::string("javax.servlet.error.") + name));
      }
      response.write(text);
    });
    app.servlet("broken", {"/broken"}, [](auto&, auto&) { throw std::runtime_error("page"); });
    app.servlet("refuses", {"/refuses"}, [](auto&, auto& r) { r.send_error(404, "no page"); });
    app.configure = [this](Context& c) { c.settings.error_pages = pages; };
    service.add(app);
  }
  std::string get() {
    EXPECT_TRUE(service.start());
    service.run(e);
    return std::to_string(e.response.status()) + " " + e.text();
  }

  const test::LogCapture log;
  TestService service;
  TestApplication app{"app"};
  std::vector<ErrorPage> pages;
  test::FunctionServlet::Function fail;
  Exchange e{"/app/fail/x?q=1"};
};

TEST_F(ErrorPages, AnswerByStatusWithTheErrorsAttributes) {
  pages = {{404, "", "/page/404"}, {0, "", "/page/all"}};
  fail = [](auto&, auto& r) {
    r.write("lost");
    r.send_error(404, "not there");
  };
  EXPECT_EQ(get(), "404 /404|404|not there|/app/fail/x|fail|null");
  EXPECT_TRUE(e.response.is_finished());
  EXPECT_FALSE(e.response.needs_error_report());
  EXPECT_EQ(e.request.request_uri(), "/app/fail/x") << "as it was before";
  EXPECT_EQ(e.request.servlet_path(), "/fail");
}

TEST_F(ErrorPages, AnswerOtherStatusesWithTheDefaultPage) {
  pages = {{404, "", "/page/404"}, {0, "", "/page/all"}};
  fail = [](auto&, auto& r) { r.send_error(418, ""); };
  EXPECT_EQ(get(), "418 /all|418||/app/fail/x|fail|null");
}

TEST_F(ErrorPages, AnswerExceptionsByTheNearestClass) {
  fail = [](auto&, auto&) { throw OrderError("no such order"); };
  pages = {{500, "", "/page/500"},
           {0, "java.lang.Throwable", "/page/any"},
           {0, "javax.servlet.ServletException", "/page/servlet"}};
  EXPECT_TRUE(get().starts_with("500 /servlet|500|no such order|/app/fail/x|fail|")) << e.text();
  EXPECT_TRUE(e.response.close_connection);
}

TEST_F(ErrorPages, AnswerExceptionsByTheirRootCause) {
  fail = [](auto&, auto&) {
    try {
      throw IllegalStateException("inner");
    } catch (...) {
      std::throw_with_nested(ServletException("outer"));
    }
  };
  pages = {{0, "java.lang.IllegalStateException", "/page/root"}, {500, "", "/page/500"}};
  EXPECT_TRUE(get().starts_with("500 /root|500|outer|")) << e.text();
}

TEST_F(ErrorPages, AnswerExceptionsByStatus500OtherwiseAndAnyThingThrown) {
  fail = [](auto&, auto&) { throw 42; };
  pages = {{500, "", "/page/500"}};
  EXPECT_EQ(get(), "500 /500|500||/app/fail/x|fail|int");
}

TEST_F(ErrorPages, LeaveAPlainErrorToTheReportWhenThereIsNone) {
  fail = [](auto&, auto& r) { r.send_error(404, "text"); };
  EXPECT_EQ(get(), "404 ");
  EXPECT_TRUE(e.response.needs_error_report());
  EXPECT_EQ(e.response.error_text(), "text");
}

TEST_F(ErrorPages, LeaveTheReportWhenThePageItselfFails) {
  for (const auto* const location : {"/broken", "/refuses", "/unmapped"}) {
    pages = {{403, "", location}};
    fail = [](auto&, auto& r) { r.send_error(403, "text"); };
    Exchange own("/app/fail");
    app.context->stop();
    ASSERT_TRUE(service.start());
    ASSERT_TRUE(app.context->start());
    service.run(own);
    EXPECT_EQ(own.response.status(), 403) << location;
    EXPECT_TRUE(own.response.needs_error_report()) << location;
    EXPECT_EQ(own.response.error_text(), "text") << location;
  }
  EXPECT_TRUE(log.contains("Exception Processing ErrorPage[location=/broken]"));
}

TEST_F(ErrorPages, FollowACommittedAnswerAndEndItsConnection) {
  pages = {{500, "", "/page/500"}};
  fail = [](auto&, auto& r) {
    r.write("begun ");
    r.flush();
    throw std::runtime_error("late");
  };
  EXPECT_EQ(get().substr(0, 15), "200 begun /500|");
  EXPECT_EQ(e.response.buffer(), "") << "sent, before the connection ends";
  EXPECT_TRUE(e.response.abort);
  EXPECT_TRUE(e.response.close_connection);
}

TEST_F(ErrorPages, KeepTypeAndHeadersOfTheServletButNotItsBody) {
  pages = {{500, "", "/page/500"}};
  fail = [](auto&, auto& r) {
    r.set_content_type("text/plain;charset=ISO-8859-1");
    r.set_header("Content-Language", "ja-JP");
    r.write("lost");
    throw std::runtime_error("late");
  };
  EXPECT_EQ(get().substr(0, 9), "500 /500|");
  EXPECT_EQ(e.response.content_type_text(), "text/plain;charset=ISO-8859-1");
  EXPECT_EQ(e.header("Content-Language"), "ja-JP");
}

TEST_F(ErrorPages, SeeTheirOwnQueryInFront) {
  pages = {{404, "", "/page/p?q=page&r=2"}};
  std::string seen;
  app.servlet("params", {"/params"}, [&](serval::Request& request, serval::Response&) {
    for (const auto value : request.parameter_values("q")) seen.append(value).append(" ");
    seen += *request.parameter("r");
  });
  pages = {{404, "", "/params?q=page&r=2"}};
  fail = [](auto&, auto& r) { r.send_error(404); };
  get();
  EXPECT_EQ(seen, "page 1 2");
}

TEST_F(ErrorPages, LogTheExceptionInTomcatsWords) {
  fail = [](auto&, auto&) { throw std::runtime_error("boom"); };
  EXPECT_EQ(get(), "500 ");
  EXPECT_TRUE(log.contains(
      "org.apache.catalina.core.ContainerBase.[Catalina].[localhost].[/app].[fail]: "
      "Servlet.service() for servlet [fail] in context with path [/app] threw exception "
      "[std.runtime_error: boom] with root cause"))
      << log.text();
}

TEST_F(ErrorPages, KeepQuietAboutAClientThatHasGone) {
  e.sink.gone = true;
  fail = [](auto&, auto& r) { r.flush(); };
  EXPECT_EQ(get(), "200 ");
  EXPECT_FALSE(e.response.is_error());
  EXPECT_FALSE(log.contains("threw exception"));
}

TEST(ThrownException, NamesClassesAsJavaDoes) {
  try {
    throw OrderError("x");
  } catch (...) {
    const auto thrown = current_exception_described();
    EXPECT_TRUE(thrown.types.front().ends_with("OrderError")) << thrown.types.front();
    EXPECT_EQ(thrown.types.front().find("::"), std::string::npos);
    for (const auto* const type :
         {"javax.servlet.ServletException", "java.lang.Exception", "java.lang.Throwable"}) {
      EXPECT_NE(std::ranges::find(thrown.types, type), thrown.types.end()) << type;
    }
  }
}

}  // namespace
}  // namespace serval::core
