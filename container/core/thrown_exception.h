// container/core/thrown_exception.h
#pragma once
#include <string>
#include <vector>

namespace serval::core {

/// What an application threw, as error pages and the log show it.
struct ThrownException {
  /// Names of the class and its bases, most derived first, written as Java writes them
  /// ("demo.OrderError"); for a class of the API, and for std::exception, its Java counterpart too.
  std::vector<std::string> types;
  std::string message;
  /// Exceptions nested in it (std::throw_with_nested), the nearest first.
  std::vector<ThrownException> causes;

  /// "demo.OrderError: no such order"
  std::string text() const;
  /// The innermost one.
  const ThrownException& root_cause() const { return causes.empty() ? *this : causes.back(); }
};

/// Describes the exception being handled. Requires: called inside a catch block.
ThrownException current_exception_described();

}  // namespace serval::core
