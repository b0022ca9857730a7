// tests/support/sanitizer_reports.h
#pragma once
#include <map>
#include <string>

namespace serval::test {

/// Variables for a child process with which the sanitizers it is built with, and those of all its
/// own children, write their reports where this program finds them. From the first call on
/// fail_on_sanitizer_reports() is called at the end of every test and of every test suite.
std::map<std::string, std::string> sanitizer_environment();

/// Fails the running test with the reports that came since the last call, if there are any.
void fail_on_sanitizer_reports();

}  // namespace serval::test
