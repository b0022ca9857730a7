#include "tests/support/sanitizer_reports.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/temp_dir.h"

namespace serval::test {

namespace {

class Reports final : public ::testing::EmptyTestEventListener {
 public:
  /// One for the program; gtest owns it.
  static Reports& of_program() {
    static Reports* const reports = [] {
      auto* made = new Reports;
      ::testing::UnitTest::GetInstance()->listeners().Append(made);
      return made;
    }();
    return *reports;
  }

  std::string prefix() const { return (directory_ / "report").string(); }
  std::string take() const {
    std::string all;
    for (const auto& file : std::filesystem::directory_iterator(directory_.path())) {
      all += file.path().filename().string() + ":\n" + read_file(file.path());
      std::filesystem::remove(file.path());
    }
    return all;
  }

 private:
  void OnTestEnd(const ::testing::TestInfo&) override { fail_on_sanitizer_reports(); }
  void OnTestSuiteEnd(const ::testing::TestSuite&) override { fail_on_sanitizer_reports(); }

  const TempDir directory_;
};

}  // namespace

std::map<std::string, std::string> sanitizer_environment() {
  std::map<std::string, std::string> all;
  for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    const char* const present = std::getenv(name);
    all[name] = (present ? std::string(present) + ":" : "") +
                "log_path=" + Reports::of_program().prefix();
  }
  return all;
}

void fail_on_sanitizer_reports() {
  const std::string reports = Reports::of_program().take();
  if (!reports.empty()) ADD_FAILURE() << "A sanitizer of a child process reports:\n" << reports;
}

}  // namespace serval::test
