// container/valves/html_escape.h
#pragma once
#include <string>
#include <string_view>

namespace serval::core {

/// Text for the content of an HTML element: & < > " ' / become entities ('/' is &#47;).
std::string html_escape(std::string_view text);

}  // namespace serval::core
