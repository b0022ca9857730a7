// container/servlet/serval/error.h
#pragma once
#include <stdexcept>
#include <string>

namespace serval {

/// A call that the state does not allow: use of an invalidated session, a header after the response
/// was committed.
class __attribute__((visibility("default"))) IllegalStateException : public std::logic_error {
  using std::logic_error::logic_error;
};
/// An argument that is not possible: a value that cannot be replicated, a bad cookie name.
class __attribute__((visibility("default"))) IllegalArgumentException
    : public std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};
/// A value is not of the type that was asked for.
class __attribute__((visibility("default"))) ClassCastException : public std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// What a servlet throws when it cannot do its work; the container answers 500.
class __attribute__((visibility("default"))) ServletException : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace serval
