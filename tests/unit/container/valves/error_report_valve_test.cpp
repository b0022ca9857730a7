#include "container/valves/error_report_valve.h"

#include <gtest/gtest.h>

#include "container/servlet/serval/error.h"
#include "container/valves/html_escape.h"
#include "container/valves/status_text.h"
#include "tests/support/http_fakes.h"
#include "tests/support/log_capture.h"
#include "tests/support/temp_dir.h"

namespace serval::core {
namespace {

using test::Exchange;

class ErrorReports : public ::testing::Test {
 protected:
  void get(ErrorReportValve::Options options, test::FunctionServlet::Function fail) {
    service.host->pipeline().add(std::make_unique<ErrorReportValve>(std::move(options)));
    app.servlet("s", {"/"}, std::move(fail));
    service.add(app);
    ASSERT_TRUE(service.start());
    service.run(e);
  }
  bool page_has(std::string_view text) const { return e.text().find(text) != std::string::npos; }

  const test::LogCapture log;
  test::TestService service;
  test::TestApplication app{"ROOT"};
  Exchange e{"/x"};
};

TEST_F(ErrorReports, ShowStatusMessageAndDescription) {
  get({}, [](auto&, auto& r) { r.send_error(404, "nothing at </x>"); });
  EXPECT_EQ(e.response.status(), 404);
  EXPECT_EQ(e.response.content_type_text(), "text/html;charset=utf-8");
  EXPECT_EQ(e.header("Content-Language"), "en");
  EXPECT_TRUE(
      e.text().starts_with("<!doctype html><html lang=\"en\"><head><title>HTTP Status 404 "
                           "– Not Found</title><style"));
  EXPECT_TRUE(
      page_has("</style></head><body><h1>HTTP Status 404 – Not Found</h1><hr class=\"line\" "
               "/><p><b>Type</b> Status Report</p><p><b>Message</b> nothing at "
               "&lt;&#47;x&gt;</p><p><b>Description</b> "));
  EXPECT_TRUE(e.text().ends_with("<hr class=\"line\" /><h3>Serval/0.1.0</h3></body></html>"));
  EXPECT_TRUE(e.response.is_finished());
}

TEST_F(ErrorReports, ShowExceptionAndRootCause) {
  get({}, [](auto&, auto&) {
    try {
      throw IllegalStateException("inner <b>");
    } catch (...) {
      std::throw_with_nested(ServletException("outer\nsecond line"));
    }
  });
  EXPECT_EQ(e.response.status(), 500);
  EXPECT_TRUE(page_has("<p><b>Type</b> Exception Report</p><p><b>Message</b> outer</p>"));
  EXPECT_TRUE(page_has("<p><b>Exception</b></p><pre>"));
  EXPECT_TRUE(
      page_has("<p><b>Root Cause</b></p><pre>java.lang.IllegalStateException: inner "
               "&lt;b&gt;</pre>"));
  EXPECT_TRUE(page_has("<b>Note</b>"));
}

TEST_F(ErrorReports, CanBeShort) {
  ErrorReportValve::Options options;
  options.show_report = options.show_server_info = false;
  get(options, [](auto&, auto& r) { r.send_error(404, "secret"); });
  EXPECT_TRUE(
      e.text().ends_with("</style></head><body><h1>HTTP Status 404 – Not Found</h1></body>"
                         "</html>"));
}

TEST_F(ErrorReports, CallAStatusTheyDoNotKnowUnknown) {
  get({}, [](auto&, auto& r) { r.send_error(418, "teapot"); });
  EXPECT_TRUE(page_has("<h1>HTTP Status 418 – Unknown Reason</h1>"));
  EXPECT_TRUE(page_has("<p><b>Description</b> No description available</p>"));
}

TEST_F(ErrorReports, StayEmptyForAnUnknownStatusWithoutAText) {
  get({}, [](auto&, auto& r) { r.send_error(418, ""); });
  EXPECT_EQ(e.text(), "");
}

TEST_F(ErrorReports, LeaveAnswersAloneThatAreNoErrors) {
  get({}, [](auto&, auto& r) {
    r.set_status(404);
    r.write("own page");
  });
  EXPECT_EQ(e.text(), "own page");
}

TEST_F(ErrorReports, EndTheConnectionOfACommittedAnswer) {
  get({}, [](auto&, auto& r) {
    r.write("begun");
    r.flush();
    throw std::runtime_error("late");
  });
  EXPECT_EQ(e.text(), "begun");
  EXPECT_TRUE(e.response.abort);
}

// The next two: what Tomcat 9.0.70 answers.
TEST_F(ErrorReports, AreUtf8WhateverTheApplicationSaid) {
  get({}, [](auto&, serval::Response& r) {
    r.set_content_type("text/plain;charset=Shift_JIS");
    r.set_header("Content-Language", "ja");
    throw std::runtime_error("boom");
  });
  EXPECT_TRUE(page_has("HTTP Status 500"));
  EXPECT_EQ(e.response.content_type_text(), "text/html;charset=utf-8");
  EXPECT_EQ(e.header("Content-Language"), "en");
}

TEST_F(ErrorReports, LeaveWhatAServletWroteBeforeItThrew) {
  get({}, [](auto&, serval::Response& r) {
    r.set_content_type("text/plain;charset=ISO-8859-1");
    r.set_content_length(1000);
    r.write("begun");
    throw std::runtime_error("boom");
  });
  EXPECT_EQ(e.response.status(), 500);
  EXPECT_EQ(e.text(), "begun");
  EXPECT_EQ(e.response.content_type_text(), "text/plain;charset=ISO-8859-1");
  EXPECT_FALSE(e.response.declared_length()) << "nobody shall wait for 1000 bytes";
}

TEST_F(ErrorReports, SendAFileForAStatusAndWarnWhenItIsMissing) {
  const test::TempDir files;
  const auto page = files.write("404.html", "<p>own</p>");
  ErrorReportValve::Options options;
  options.pages[404] = page.string();
  options.pages[0] = (files / "missing.html").string();
  get(options, [](serval::Request& request, serval::Response& r) {
    r.send_error(request.request_uri() == "/x" ? 404 : 500);
  });
  ASSERT_TRUE(e.response.file());
  EXPECT_EQ(e.response.file()->path, page);
  EXPECT_EQ(e.response.declared_length(), 10);
  Exchange other("/other");
  service.run(other);
  EXPECT_NE(other.text().find("HTTP Status 500"), std::string::npos);
  EXPECT_TRUE(log.contains("missing.html] cannot be read"));
}

TEST_F(ErrorReports, AnswerWhereNoApplicationDoes) {
  service.host->pipeline().add(std::make_unique<ErrorReportValve>(ErrorReportValve::Options{}));
  ASSERT_TRUE(service.start());
  service.run(e);
  EXPECT_TRUE(page_has("HTTP Status 404"));
}

struct KnowsNothing final : TomcatNames {
  bool knows_class(std::string_view) const override { return false; }
  std::span<const std::string_view> attributes_of(std::string_view) const override { return {}; }
};

TEST(ErrorReportValve, ReadsPagesByStatusAndException) {
  const KnowsNothing names;
  Diagnostics diagnostics(names);
  Element element;
  element.origin.file = std::make_shared<const std::string>("server.xml");
  element.attributes = {{"errorCode.404", "a.html"},
                        {"errorCode.x", "b.html"},
                        {"exceptionType.java.lang.Throwable", "c.html"},
                        {"showReport", "false"}};
  const auto options = ErrorReportValve::read(element, diagnostics);
  EXPECT_EQ(options.pages, (std::map<int, std::string>{{404, "a.html"}}));
  EXPECT_EQ(options.exception_pages.at("java.lang.Throwable"), "c.html");
  EXPECT_FALSE(options.show_report);
  ASSERT_EQ(diagnostics.entries().size(), 1U);
  EXPECT_NE(diagnostics.entries()[0].text.find("errorCode.x"), std::string::npos);
}

TEST(StatusText, KnowsTheStandardsReasons) {
  EXPECT_EQ(status_text(400)->reason, "Bad Request");
  EXPECT_EQ(status_text(511)->reason, "Network Authentication Required");
  EXPECT_FALSE(status_text(418));
  EXPECT_FALSE(status_text(200));
}

TEST(HtmlEscape, LeavesNoMarkup) {
  EXPECT_EQ(html_escape("a&<>\"'/z"), "a&amp;&lt;&gt;&quot;&#39;&#47;z");
}

}  // namespace
}  // namespace serval::core
