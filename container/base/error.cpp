#include "container/base/error.h"

#include <cstdio>
#include <cstdlib>

namespace serval {

void throw_exception_from_error(const Error& error, const void*) {
  std::fprintf(stderr, "serval: value() of a failure: %s\n", error.message.c_str());
  std::abort();
}

void detail::assertion_failed(const char* condition, const char* why, const char* file, int line) {
  std::fprintf(stderr, "serval: %s:%d: broken invariant (%s): %s\n", file, line, condition, why);
  std::abort();
}

}  // namespace serval
