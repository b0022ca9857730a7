// Builds with AddressSanitizer only: what it finds in a server, or in an application there, fails
// the test that started the server.
#include <gtest/gtest-spi.h>

#include "tests/support/cluster_test.h"
#include "tests/support/sanitizer_reports.h"
#include "tests/support/test_wars.h"

namespace serval::test {

class Sanitizer : public ClusterTest {};

TEST_F(Sanitizer, SeesTheErrorsOfServersAndApplications) {
  const auto war = make_war(
      directory() / "careless.war",
      {{"WEB-INF/web.xml",
        "<web-app><servlet><servlet-name>c</servlet-name><servlet-class>test.Careless</"
        "servlet-class></servlet><servlet-mapping><servlet-name>c</servlet-name>"
        "<url-pattern>/c</url-pattern></servlet-mapping></web-app>"},
       {"WEB-INF/lib/careless.so",
        read_file(std::filesystem::path(SERVAL_BINARY_DIR) / "tests/e2e/use_after_free.so")}});
  Node& node = start(Kind::kServal, [&](NodeOptions& options) {
    options.cluster_xml = " ";
    options.applications = {{"careless", war}};
  });
  exchange(node.http(), "GET /careless/c HTTP/1.1\r\nHost: localhost\r\n\r\n", kPatience);
  EXPECT_TRUE(eventually([&] { return !node.is_running(); })) << "it ends with its first error";
  EXPECT_NONFATAL_FAILURE(fail_on_sanitizer_reports(), "heap-use-after-free");
}

}  // namespace serval::test
