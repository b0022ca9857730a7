// container/base/system_library.h
#pragma once
#include <string>

namespace serval {

/// A library of the system that is loaded when something needs it, and then kept. Linked, it and
/// what it needs itself would cost every server memory and time at its start.
///
/// Threads: as a static of a function, any.
class SystemLibrary {
 public:
  /// `file`: "libpq.so.5". `need`: who wants it, and where it comes from, for the error.
  SystemLibrary(const char* file, std::string need);

  /// Takes a function of the library; its type is that of the library's header.
  template <class Function>
  void find(const char* name, Function& function) {
    function = reinterpret_cast<Function>(address_of(name));
  }
  /// Why the library, or a function that was asked for, is not there. Empty: all of it is.
  const std::string& problem() const { return problem_; }

 private:
  void* address_of(const char* name);

  const std::string need_;
  void* handle_;
  std::string problem_;
};

}  // namespace serval
