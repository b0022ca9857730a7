#include "tests/support/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/support/eventually.h"
#include "tests/support/sanitizer_reports.h"
#include "tests/support/temp_dir.h"

namespace serval::test {

namespace {

std::vector<std::string> environment_with(std::map<std::string, std::string> changes) {
  changes.merge(sanitizer_environment());
  std::vector<std::string> all;
  for (char** entry = environ; *entry; ++entry) {
    const std::string text(*entry);
    if (!changes.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : changes) {
    if (!value.empty()) all.push_back(name + "=" + value);
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

Process::Process(const Options& options) {
  std::vector<std::string> command = options.command;
  std::vector<std::string> environment = environment_with(options.environment);
  const std::vector<char*> argv = pointers(command), envp = pointers(environment);
  const int out = ::open(options.output.empty() ? "/dev/null" : options.output.c_str(),
                         O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (out < 0) throw std::runtime_error("cannot open " + options.output.string());
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setpgid(0, 0);
    ::dup2(options.input >= 0 ? options.input : ::open("/dev/null", O_RDONLY), 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0) ::_exit(126);
    ::execvpe(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(out);
}

Process::~Process() { kill(); }

bool Process::reap(int flags) {
  if (status_) return true;
  int status = 0;
  if (::waitpid(pid_, &status, flags) != pid_) return false;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

bool Process::is_running() { return !reap(WNOHANG); }

void Process::signal(int number) const {
  if (status_) return;
  ::kill(pid_, number);
  // A stop reaches the threads one by one; a caller counts on all of them.
  if (number == SIGSTOP) ::waitid(P_PID, static_cast<id_t>(pid_), nullptr, WSTOPPED);
}

void Process::kill() {
  if (status_) return;
  ::kill(-pid_, SIGKILL);  // its group: a shell's children too
  ::kill(pid_, SIGKILL);
  reap(0);
}

std::optional<int> Process::wait(std::chrono::milliseconds limit) {
  eventually([this] { return reap(WNOHANG); }, limit);
  return status_;
}

CommandResult run_command(const std::vector<std::string>& command,
                          const std::map<std::string, std::string>& environment,
                          std::chrono::milliseconds limit) {
  const TempDir dir;
  Process process({command, environment, dir / "output", {}});
  const std::optional<int> status = process.wait(limit);
  EXPECT_TRUE(status) << command[0] << " did not end in " << limit.count() << " ms";
  process.kill();
  return {status.value_or(-1), read_file(dir / "output")};
}

}  // namespace serval::test
