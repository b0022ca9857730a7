#include <gtest/gtest.h>

#include "container/valves/error_report_valve.h"
#include "tests/integration/http_server.h"
#include "tests/support/http_fakes.h"

namespace serval {
namespace {

/// A servlet that begins its answer and then throws, behind a real connector.
class BrokenAnswer : public ::testing::Test {
 protected:
  BrokenAnswer() {
    app.servlet("s", {"/s"}, [](Request& request, Response& response) {
      if (const auto length = request.parameter("length"))
        response.set_content_length(std::stol(std::string(*length)));
      response.write("begun");
      response.flush();
      response.write(" tail");
      if (!request.parameter("well")) throw std::runtime_error("too late");
    });
    app.servlet("page", {"/page"}, [](Request&, Response& response) { response.write("PAGE"); });
    app.configure = [this](core::Context& c) { c.settings.error_pages = pages; };
    service.host->pipeline().add(
        std::make_unique<core::ErrorReportValve>(core::ErrorReportValve::Options{}));
    service.add(app);
  }
  /// All that the server sends until it closes.
  std::string answer(const std::string& target) {
    EXPECT_TRUE(service.start());
    test::HttpServer server([this](core::Request& request, core::Response& response) {
      service.service.adapter().service(request, response);
    });
    test::RawClient client(server.port());
    client.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    if (target.ends_with("well")) client.end_sending();
    return client.rest();
  }
  static std::string body(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }

  test::TestService service;
  test::TestApplication app{"app"};
  std::vector<core::ErrorPage> pages;
};

TEST_F(BrokenAnswer, InChunksEndsWithoutTheLastChunk) {
  const std::string all = answer("/app/s");
  EXPECT_TRUE(all.starts_with("HTTP/1.1 200 \r\n")) << all;
  EXPECT_NE(all.find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_EQ(body(all), "5\r\nbegun\r\n5\r\n tail\r\n");
}

TEST_F(BrokenAnswer, WithALengthEndsBeforeIt) {
  const std::string all = answer("/app/s?length=1000");
  EXPECT_NE(all.find("Content-Length: 1000"), std::string::npos) << all;
  EXPECT_EQ(body(all), "begun tail");
}

TEST_F(BrokenAnswer, HoldsTheErrorPageAndStillHasNoEnd) {
  pages = {{500, "", "/page"}};
  EXPECT_EQ(body(answer("/app/s")), "5\r\nbegun\r\n9\r\n tailPAGE\r\n");
}

TEST_F(BrokenAnswer, IsNotWhatAServletThatEndsWellGives) {
  EXPECT_EQ(body(answer("/app/s?well")), "5\r\nbegun\r\n5\r\n tail\r\n0\r\n\r\n");
}

}  // namespace
}  // namespace serval
