// container/session/java_text.h
#pragma once
#include <cstdint>
#include <string>

#include "container/servlet/serval/value.h"

namespace serval::core {

/// What Java's toString() gives: "7", "1.0", "[a, b]", "{k=v}", a constant's name. An object of a
/// class that is not known here, or an array, is its class name. Deep nesting ends in "...".
std::string java_text(const Value& value);
/// java.util.Date: "Sat Nov 21 20:31:02 UTC 2026", in the time zone of the process.
std::string java_date_text(std::int64_t ms);
std::string java_text(double number);

}  // namespace serval::core
