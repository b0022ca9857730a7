#include "tests/support/postgresql.h"

#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "tests/support/eventually.h"
#include "tests/support/node.h"

namespace serval::test {
namespace fs = std::filesystem;
namespace {

constexpr const char* kUser = "tomcat";

/// The newest version that is installed.
fs::path programs() {
  fs::path newest;
  for (int version = 13; version < 30; ++version) {
    const fs::path found = fs::path("/usr/lib/postgresql") / std::to_string(version) / "bin";
    if (fs::exists(found / "initdb")) newest = found;
  }
  if (newest.empty()) throw std::runtime_error("no PostgreSQL: apt-get install postgresql");
  return newest;
}

}  // namespace

Postgresql::Postgresql() : port_(free_port()) {
  const auto password = directory_.write("password", "secret\n");
  auto words = command("initdb");
  words.insert(words.end(),
               {"-D", directory_ / "data", "-N", "-U", kUser, "-A", "scram-sha-256", "--pwfile",
                password.string(), "-E", "UTF8", "--locale=C", "--no-instructions"});
  if (const auto made = run_command(words); made.status != 0) throw std::runtime_error(made.output);
  start();
  query("CREATE DATABASE tomcat");
}

Postgresql::~Postgresql() {
  if (server_) thaw();
}

/// PostgreSQL runs as anybody but root: a namespace in which root's files are another user's.
std::vector<std::string> Postgresql::command(const std::string& program) const {
  std::vector<std::string> words;
  if (::geteuid() == 0) words = {"unshare", "--user", "--map-user=1000", "--map-group=1000"};
  words.push_back(programs() / program);
  return words;
}

std::string Postgresql::url() const {
  return "jdbc:postgresql://127.0.0.1:" + std::to_string(port_) + "/tomcat";
}

void Postgresql::start() {
  auto words = command("postgres");
  words.insert(words.end(), {"-D", directory_ / "data", "-p", std::to_string(port_), "-h",
                             "127.0.0.1", "-k", "", "-F", "-c", "shared_buffers=16MB"});
  server_ = std::make_unique<Process>(
      Process::Options{words, {}, directory_ / "postgres.log", directory_.path()});
  const bool answers = eventually([this] {
    if (!server_->is_running()) throw std::runtime_error(read_file(directory_ / "postgres.log"));
    return run_command({programs() / "pg_isready", "-h", "127.0.0.1", "-p", std::to_string(port_)})
               .status == 0;
  });
  if (!answers) throw std::runtime_error(read_file(directory_ / "postgres.log"));
}

void Postgresql::stop() {
  server_->signal(SIGQUIT);
  if (!server_->wait(kPatience)) throw std::runtime_error("PostgreSQL does not end");
  server_.reset();
}

namespace {

/// To the server and to its children, which serve the connections.
void signal_family(pid_t server, int number) {
  const std::string id = std::to_string(server);
  std::ifstream children("/proc/" + id + "/task/" + id + "/children");
  ::kill(server, number);
  for (pid_t child = 0; children >> child;) ::kill(child, number);
}

}  // namespace

void Postgresql::freeze() const { signal_family(server_->pid(), SIGSTOP); }
void Postgresql::thaw() const { signal_family(server_->pid(), SIGCONT); }

std::string Postgresql::query(const std::string& statement) const {
  const bool first = statement.starts_with("CREATE DATABASE");
  const auto done =
      run_command({programs() / "psql", "-h", "127.0.0.1", "-p", std::to_string(port_), "-U", kUser,
                   "-d", first ? "postgres" : "tomcat", "-qAtc", statement},
                  {{"PGPASSWORD", "secret"}});
  if (done.status != 0) throw std::runtime_error(done.output);
  std::string text = done.output;
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace serval::test
