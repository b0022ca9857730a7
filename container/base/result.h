// container/base/result.h
#pragma once
#include <boost/system/result.hpp>

#include "container/base/error.h"

namespace serval {

/// Found by Boost through argument-dependent lookup when value() is called on a failure.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw_exception_from_error(error, nullptr);
}

/// A value or an Error. A Result is never dropped without a reason in words.
template <class T = void>
using Result = boost::system::result<T, Error>;

}  // namespace serval
