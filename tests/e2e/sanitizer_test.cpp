// Builds with AddressSanitizer only: what it finds in a server, or in an application there, fails
// the test that started the server.
#include <gtest/gtest-spi.h>
#include <signal.h>

#include "tests/support/cluster_test.h"
#include "tests/support/sanitizer_reports.h"
#include "tests/support/test_wars.h"

namespace serval::test {

class Sanitizer : public ClusterTest {
 protected:
  /// A node with this servlet of apps/careless.cpp, which was called once.
  Node& node_after_a_call_of(const std::string& servlet_class) {
    const auto library = std::filesystem::path(SERVAL_BINARY_DIR) / "tests/e2e/careless.so";
    const auto war =
        make_war(directory() / "made.war",
                 {{"WEB-INF/web.xml",
                   "<web-app><servlet><servlet-name>s</servlet-name><servlet-class>" +
                       servlet_class +
                       "</servlet-class></servlet><servlet-mapping><servlet-name>s</servlet-name>"
                       "<url-pattern>/s</url-pattern></servlet-mapping></web-app>"},
                  {"WEB-INF/lib/careless.so", read_file(library)}});
    Node& node = start(Kind::kServal, [&](NodeOptions& options) {
      options.cluster_xml = " ";
      options.applications = {{"careless", war}};
    });
    exchange(node.http(),
             "GET /careless/s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", kPatience);
    return node;
  }
};

TEST_F(Sanitizer, SeesUseAfterFree) {
  Node& node = node_after_a_call_of("test.Careless");
  EXPECT_TRUE(eventually([&] { return !node.is_running(); })) << "it ends with its first error";
  EXPECT_NONFATAL_FAILURE(fail_on_sanitizer_reports(), "heap-use-after-free");
}

TEST_F(Sanitizer, SeesLeaks) {
  Node& node = node_after_a_call_of("test.Leaking");
  node.signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return !node.is_running(); }));
  EXPECT_NONFATAL_FAILURE(fail_on_sanitizer_reports(), "LeakSanitizer: detected memory leaks");
}

}  // namespace serval::test
