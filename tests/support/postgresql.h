// tests/support/postgresql.h
#pragma once
#include <memory>
#include <string>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace serval::test {

/// A PostgreSQL of the test's own on 127.0.0.1, with the user "tomcat", whose password is "secret",
/// and a database of his. It ends with the object.
///
/// Errors: std::runtime_error with what the server said. Threads: one.
class Postgresql {
 public:
  Postgresql();
  ~Postgresql();

  /// "jdbc:postgresql://127.0.0.1:port/tomcat".
  std::string url() const;
  /// Waits until it answers.
  void start();
  /// As at a crash: every connection ends.
  void stop();
  /// SIGSTOP and SIGCONT, for the server and whoever serves a connection: nobody answers.
  void freeze() const;
  void thaw() const;
  /// What psql prints of the statement, cells with "|" between them.
  std::string query(const std::string& statement) const;

 private:
  std::vector<std::string> command(const std::string& program) const;

  TempDir directory_;
  const int port_;
  std::unique_ptr<Process> server_;
};

}  // namespace serval::test
