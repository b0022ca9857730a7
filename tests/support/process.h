// tests/support/process.h
#pragma once
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace serval::test {

/// A child process with its output in a file. It is killed with the object, and by the kernel when
/// the test program dies. What its sanitizers report fails the test (sanitizer_reports.h).
///
/// Errors: std::runtime_error when it cannot be started. Threads: one.
class Process {
 public:
  struct Options {
    std::vector<std::string> command;
    std::map<std::string, std::string> environment;  // added to the test's own; "" removes
    std::filesystem::path output;                    // stdout and stderr are appended
    std::filesystem::path directory;                 // empty: the test's
    int input = -1;                                  // what it reads; -1: nothing
  };
  explicit Process(const Options& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool is_running();
  void signal(int number) const;
  /// SIGKILL, and waits for the end.
  void kill();
  /// Exit status, or 128 + signal as a shell has it; nothing when it still runs after `limit`.
  std::optional<int> wait(std::chrono::milliseconds limit);

 private:
  bool reap(int flags);
  pid_t pid_ = -1;
  std::optional<int> status_;
};

/// What a command printed, and how it ended.
struct CommandResult {
  int status = 0;
  std::string output;  // stdout and stderr
};
/// Runs a command to its end. Fails the test and kills it after `limit`.
CommandResult run_command(const std::vector<std::string>& command,
                          const std::map<std::string, std::string>& environment = {},
                          std::chrono::milliseconds limit = std::chrono::seconds(60));

}  // namespace serval::test
