// container/core/url_encoding.h
#pragma once
#include <string>
#include <string_view>

namespace serval::core {

/// A decoded path for a Location header: everything but unreserved characters, '/' and the marks
/// that are safe in a path becomes %XX.
std::string encode_path(std::string_view path);

}  // namespace serval::core
