#include "tests/support/node.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>

#include "tests/support/temp_dir.h"

namespace serval::test {

namespace fs = std::filesystem;

const char* name_of(Kind kind) {
  return kind == Kind::kServal ? "Serval" : kind == Kind::kTomcat9 ? "Tomcat9" : "Tomcat10";
}

Kind usual_kind(std::size_t place) {
  const char* const variable = std::getenv("SERVAL_TEST_KIND");
  std::istringstream words(variable ? variable : "");
  const std::vector<std::string> names{std::istream_iterator<std::string>(words), {}};
  const std::string name = names.empty() ? "" : names[place % names.size()];
  return name == "tomcat9" ? Kind::kTomcat9 : name == "tomcat10" ? Kind::kTomcat10 : Kind::kServal;
}

fs::path source_dir() { return SERVAL_SOURCE_DIR; }
fs::path server_binary() { return fs::path(SERVAL_BINARY_DIR) / "bin/serval"; }
fs::path built_war(const std::string& name) {
  return fs::path(SERVAL_BINARY_DIR) / "webapps" / (name + ".war");
}
fs::path demo_war(Kind kind) {
  if (kind == Kind::kServal) return built_war("session-demo");
  return source_dir() / "tests/peers/webapp/build" /
         (kind == Kind::kTomcat9 ? "demo-9.war" : "demo-10.war");
}

std::map<std::string, std::string> script_environment(const fs::path& base) {
  return {{"CATALINA_HOME", source_dir().string()},
          {"CATALINA_BASE", base.string()},
          {"SERVAL_BINARY", server_binary().string()},
          {"CATALINA_OPTS", ""},
          {"JAVA_OPTS", ""},
          {"CATALINA_PID", ""},
          {"CATALINA_OUT", ""},
          {"CATALINA_TMPDIR", ""}};
}

bool is_isolated() { return std::getenv("SERVAL_ISOLATED") != nullptr; }

namespace {

bool can_bind(int type, int port) {
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return free;
}

void copy_conf(const fs::path& base) {
  for (const char* folder :
       {"conf", "logs", "temp", "webapps", "work", "farm-temp", "farm-watch"}) {
    fs::create_directories(base / folder);
  }
  for (const char* file : {"web.xml", "context.xml", "logging.properties", "catalina.properties"}) {
    fs::copy_file(source_dir() / "conf" / file, base / "conf" / file,
                  fs::copy_options::overwrite_existing);
  }
  std::ofstream(base / "conf/tomcat-users.xml")
      << "<tomcat-users>\n"
         "  <user username=\"alice\" password=\"wonder\" roles=\"user\"/>\n"
         "  <user username=\"bob\" password=\"builder\" roles=\"user,admin\"/>\n"
         "  <user username=\"jmx\" password=\"proxy\" roles=\"manager-jmx\"/>\n"
         "</tomcat-users>\n";
}

/// No thread of this process, which need not be our child, runs after SIGSTOP.
bool is_stopped(pid_t pid) {
  std::error_code gone;
  for (const auto& thread :
       fs::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone)) {
    const std::string stat = read_file(thread.path() / "stat");  // ID (NAME) STATE ...
    const std::size_t state = stat.rfind(')') + 2;
    if (state < stat.size() && std::string_view("TtZX").find(stat[state]) == std::string::npos) {
      return false;
    }
  }
  return true;
}

/// Started by bin/catalina.sh run, as a user does.
class ServalNode final : public Node {
 public:
  ServalNode(NodeOptions options, fs::path base) : Node(std::move(options), std::move(base)) {
    copy_conf(base_);
    std::ofstream(server_xml()) << make_server_xml(options_, base_);
    if (!options_.context_xml.empty()) {
      std::ofstream(base_ / "conf/context.xml") << options_.context_xml;
    }
    std::ofstream(base_ / "conf/logging.properties", std::ios::app) << '\n' << options_.logging;
    for (const auto& [name, war] : options_.applications) {
      fs::copy_file(war, webapps() / (name + ".war"));
    }
    if (!fs::exists(webapps() / "ROOT.war")) {
      fs::create_directories(webapps() / "ROOT");
      std::ofstream(webapps() / "ROOT/index.html") << "node " << options_.name << '\n';
    }
  }
  ~ServalNode() override {
    if (process_ && process_->is_running()) stop();
  }

  void start(bool wait) override {
    auto environment = script_environment(base_);
    environment["CATALINA_OPTS"] = options_.catalina_opts;
    environment.insert(options_.environment.begin(), options_.environment.end());
    process_ = std::make_unique<Process>(Process::Options{
        {(source_dir() / "bin/catalina.sh").string(), "run"}, environment, log_file(), base_});
    if (wait) wait_for_http();
  }
  void stop() override {
    process_->signal(SIGCONT);
    process_->signal(SIGTERM);
    const auto status = process_->wait(kPatience);
    EXPECT_EQ(status, 0) << options_.name << " did not end in order\n" << log_tail();
    process_->kill();
  }
  void kill() override { process_->kill(); }
  void signal(int number) override { process_->signal(number); }
  bool is_running() override { return process_ && process_->is_running(); }
  pid_t pid() const override { return process_ ? process_->pid() : -1; }
  Kind kind() const override { return Kind::kServal; }
  fs::path server_xml() const override { return base_ / "conf/server.xml"; }

 private:
  std::unique_ptr<Process> process_;
};

/// A real Tomcat, driven by tests/peers/tomcat-node.
class TomcatNode final : public Node {
 public:
  TomcatNode(Kind kind, NodeOptions options, fs::path base)
      : Node(std::move(options), std::move(base)), kind_(kind) {
    fs::create_directories(base_ / "webapps");
    std::ofstream(server_xml()) << make_server_xml(options_, base_);
    if (!options_.context_xml.empty()) {
      std::ofstream(base_ / "given-context.xml") << options_.context_xml;
    }
    for (const auto& [name, war] : options_.applications) {
      fs::copy_file(war, webapps() / (name + ".war"));
    }
  }
  ~TomcatNode() override { script({"kill"}); }

  void start(bool wait) override {
    // The script waits for HTTP itself, so it runs beside us when we must not wait.
    std::vector<std::string> command{(source_dir() / "tests/peers/tomcat-node").string(),
                                     "start",
                                     "--base",
                                     base_.string(),
                                     "--name",
                                     options_.name,
                                     "--version",
                                     kind_ == Kind::kTomcat9 ? "9" : "10",
                                     "--http",
                                     std::to_string(options_.http),
                                     "--config",
                                     server_xml().string(),
                                     "--no-webapp",
                                     "--wait",
                                     "90"};
    if (!options_.context_xml.empty()) {
      command.insert(command.end(), {"--context-xml", (base_ / "given-context.xml").string()});
    }
    if (!options_.class_path.empty()) {
      command.insert(command.end(), {"--system-jars", options_.class_path});
    }
    std::istringstream words(options_.catalina_opts);
    for (std::string word; words >> word;) command.insert(command.end(), {"--java-opt", word});
    launcher_ = std::make_unique<Process>(
        Process::Options{command, options_.environment, base_ / "launcher.log", {}});
    if (!wait) return;
    const auto status = launcher_->wait(std::chrono::seconds(100));
    if (status != 0) {
      throw std::runtime_error("Tomcat " + options_.name +
                               " did not start: " + read_file(base_ / "launcher.log") + log_tail());
    }
  }
  void stop() override { script({"stop"}); }
  void kill() override { script({"kill"}); }
  void signal(int number) override {
    const pid_t server = pid();
    if (server <= 1) return;
    ::kill(server, number);
    if (number == SIGSTOP) {
      EXPECT_TRUE(eventually([&] { return is_stopped(server); })) << server;
    }
  }
  pid_t pid() const override { return std::stoi("0" + read_file(base_ / "node.pid")); }
  bool is_running() override { return script({"status"}) == 0; }
  Kind kind() const override { return kind_; }
  fs::path server_xml() const override { return base_ / "given-server.xml"; }

 private:
  int script(std::vector<std::string> words) {
    words.insert(words.begin(), (source_dir() / "tests/peers/tomcat-node").string());
    words.insert(words.end(), {"--base", base_.string()});
    return run_command(words).status;
  }
  const Kind kind_;
  std::unique_ptr<Process> launcher_;
};

}  // namespace

int free_port() {
  static std::mt19937 random{std::random_device{}()};
  static std::set<int> given;  // nobody may use them yet
  if (given.size() > 10000) given.clear();
  for (int tries = 0; tries < 1000; ++tries) {
    const int port = std::uniform_int_distribution(10000, 32000)(random);
    const bool is_free = can_bind(SOCK_STREAM, port) && can_bind(SOCK_DGRAM, port);
    if (is_free && given.insert(port).second) return port;
  }
  throw std::runtime_error("no free port");
}

Node::Node(NodeOptions options, fs::path base)
    : options_(std::move(options)), base_(std::move(base)) {
  fs::create_directories(base_ / "logs");
  const fs::path descriptors = base_ / "conf/Catalina/localhost";
  if (!options_.descriptors.empty()) fs::create_directories(descriptors);
  for (const auto& [name, text] : options_.descriptors) {
    std::ofstream(descriptors / (name + ".xml")) << text;
  }
}

std::string Node::log() const { return read_file(log_file()); }

std::size_t Node::times_logged(std::string_view text) const {
  const std::string all = log();
  std::size_t times = 0;
  for (std::size_t at = all.find(text); at != std::string::npos; at = all.find(text, at + 1))
    ++times;
  return times;
}

std::size_t Node::open_files() const {
  const fs::directory_iterator all("/proc/" + std::to_string(pid()) + "/fd");
  return static_cast<std::size_t>(std::distance(all, fs::directory_iterator()));
}

std::string Node::log_tail(std::size_t lines) const {
  const std::string all = log();
  std::size_t start = all.size();
  for (std::size_t i = 0; i <= lines && start != std::string::npos && start > 0; ++i) {
    start = all.rfind('\n', start - 1);
  }
  return "--- " + options_.name + " " + log_file().string() + "\n" +
         all.substr(start == std::string::npos ? 0 : start);
}

void Node::wait_for_http() {
  const bool answered = eventually([this] {
    if (!is_running()) throw std::runtime_error(options_.name + " ended\n" + log_tail());
    // The port may be bound long before anybody answers.
    return is_open(options_.http) &&
           !exchange(options_.http,
                     "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", kPatience)
                .empty();
  });
  if (!answered) throw std::runtime_error(options_.name + " does not answer\n" + log_tail());
}

std::unique_ptr<Node> make_node(Kind kind, NodeOptions options, const fs::path& directory) {
  if (options.http == 0) options.http = free_port();
  if (options.receiver == 0) options.receiver = free_port();
  fs::path base = directory / (options.name + "-" + name_of(kind));
  if (kind == Kind::kServal)
    return std::make_unique<ServalNode>(std::move(options), std::move(base));
  return std::make_unique<TomcatNode>(kind, std::move(options), std::move(base));
}

}  // namespace serval::test
