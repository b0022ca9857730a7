// container/base/error.h
#pragma once
#include <exception>
#include <string>

namespace serval {

/// What a caller can decide on.
enum class Errc { kNotFound, kInvalidArgument, kBadState, kIo, kTimeout, kProtocol, kCancelled };

/// A failure as a value: the code for the program, the message for the operator (object, value,
/// limit).
struct Error {
  Errc code = Errc::kInvalidArgument;
  std::string message;
};

/// Called by Result::value() on a failure. That is a bug in the caller, so the process ends with
/// the message.
[[noreturn]] void throw_exception_from_error(const Error& error, const void* location = nullptr);

namespace detail {
[[noreturn]] void assertion_failed(const char* condition, const char* why, const char* file,
                                   int line);
}

}  // namespace serval

/// Kept in release builds: states what cannot happen. Ends the process.
#define SERVAL_ASSERT(condition, why) \
  ((condition) ? void() : ::serval::detail::assertion_failed(#condition, why, __FILE__, __LINE__))
