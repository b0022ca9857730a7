// tests/support/node.h
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/http_client.h"
#include "tests/support/process.h"

namespace serval::test {

/// Which server a node runs.
enum class Kind { kServal, kTomcat9, kTomcat10 };
const char* name_of(Kind kind);
/// What tests start unless they say otherwise: Serval, or the server named by SERVAL_TEST_KIND
/// (tomcat9, tomcat10), by which one finds out whether a test asks for what the real server does.
/// Several words ("serval tomcat9") are taken in turn, by the place of a node in its test.
Kind usual_kind(std::size_t place = 0);

/// Name below webapps, and the file to copy there.
using Applications = std::vector<std::pair<std::string, std::filesystem::path>>;

/// What a node's server.xml says; the structure is that of tests/peers/tomcat-node. Zero ports are
/// chosen.
struct NodeOptions {
  std::string name = "node01";  // jvmRoute
  int http = 0, receiver = 0, shutdown = -1;
  int auto_bind = 0;
  int multicast = 45564;
  int frequency = 200, drop_time = 1200;  // ms
  std::string send_options = "6";
  std::string manager = "delta";  // delta, backup or none
  std::string manager_attributes, cluster_attributes, channel_attributes, membership_attributes;
  std::string interceptors;  // further Interceptor elements, above the others
  bool expire_on_shutdown = false, notify_listeners = true;  // DeltaManager
  bool in_host = false;                                      // where the Cluster stands
  bool binder = true, replication_valve = true;
  std::string filter;  // of ReplicationValve
  std::string listeners =
      R"(<ClusterListener className="org.apache.catalina.ha.session.ClusterSessionListener"/>)";
  std::string cluster_valves;    // further Valve elements inside Cluster
  std::string host_xml;          // further elements inside Host
  std::string global_resources;  // further elements inside GlobalNamingResources
  /// watch, follow: a watchDir of its own; same: watchDir = deployDir = webapps.
  std::string farm;
  int background_delay = 1;  // s
  /// Replaces everything between <Cluster …> and </Cluster>, both included.
  std::string cluster_xml;
  /// Replaces the whole file.
  std::string server_xml;
  /// Replaces conf/context.xml.
  std::string context_xml;
  Applications applications;
  /// Attributes of MessageDispatchInterceptor.
  std::string dispatch;
  /// Where receiver and multicast are bound.
  std::string address = "127.0.0.1";
  /// Added to the environment of the server.
  std::map<std::string, std::string> environment;
  /// Words for CATALINA_OPTS.
  std::string catalina_opts;
  /// Lines after those of logging.properties.
  std::string logging;
  /// conf/Catalina/localhost/NAME.xml: name and text.
  std::vector<std::pair<std::string, std::string>> descriptors;
  /// What a real Tomcat has on its class path besides, with ":" between them.
  std::string class_path;
};

/// The text of server.xml for these options. Requires: ports are set.
std::string make_server_xml(const NodeOptions& options, const std::filesystem::path& base);

/// A server in a process of its own with its own base directory; ends with the object.
///
/// Errors: a start that fails is a failed test with the end of the log. Threads: one.
class Node {
 public:
  virtual ~Node() = default;
  /// Requires: not running. With `wait_for_http` it returns when HTTP answers.
  virtual void start(bool wait_for_http = true) = 0;
  /// SIGTERM; expects an orderly end.
  virtual void stop() = 0;
  /// SIGKILL.
  virtual void kill() = 0;
  /// With SIGSTOP it returns when no thread of the server runs any more.
  virtual void signal(int number) = 0;
  virtual bool is_running() = 0;
  virtual pid_t pid() const = 0;
  virtual Kind kind() const = 0;
  /// Where the next start reads its server.xml.
  virtual std::filesystem::path server_xml() const = 0;

  const NodeOptions& options() const { return options_; }
  int http() const { return options_.http; }
  const std::filesystem::path& base() const { return base_; }
  std::filesystem::path webapps() const { return base_ / "webapps"; }
  std::filesystem::path log_file() const { return base_ / "logs" / "node.log"; }
  std::string log() const;
  bool logged(std::string_view text) const { return log().find(text) != std::string::npos; }
  std::size_t times_logged(std::string_view text) const;
  bool eventually_logs(std::string_view text, std::chrono::milliseconds limit = kPatience) const {
    return eventually([&] { return logged(text); }, limit);
  }
  /// The last lines, for the message of a failed test.
  std::string log_tail(std::size_t lines = 40) const;
  /// Open file descriptors of the process.
  std::size_t open_files() const;
  /// Waits until HTTP answers; fails the test if the node ends or stays silent.
  void wait_for_http();

 protected:
  Node(NodeOptions options, std::filesystem::path base);
  NodeOptions options_;
  const std::filesystem::path base_;
};

/// A node of this kind below `directory`. Applications called "demo" become demo.war of its kind.
std::unique_ptr<Node> make_node(Kind kind, NodeOptions options,
                                const std::filesystem::path& directory);

/// The repository, the build, and files in them.
std::filesystem::path source_dir();
std::filesystem::path built_war(const std::string& name);
/// The demo application for a node of this kind: session-demo.war, or its Java twin.
std::filesystem::path demo_war(Kind kind);
/// The address of the server binary that is tested.
std::filesystem::path server_binary();
/// Environment of bin/ scripts: this checkout, this binary, nothing of the user's.
std::map<std::string, std::string> script_environment(const std::filesystem::path& base);

/// True when the program has a network of its own (see run_isolated.sh), so that fixed ports are
/// free.
bool is_isolated();
/// Skips a test that would disturb the machine, or be disturbed by it, otherwise. `what_for`: "to
/// capture nobody else's traffic".
#define SERVAL_NEEDS_NAMESPACES(what_for)                                             \
  if (!::serval::test::is_isolated())                                                 \
  GTEST_SKIP() << "needs namespaces of its own " what_for                             \
                  " (run_isolated.sh): run it as root outside of a chroot, or allow " \
                  "unprivileged user namespaces"
/// A port on 127.0.0.1 that was free just now, for TCP and UDP, below the range of outgoing
/// connections.
int free_port();

}  // namespace serval::test
