// container/valves/status_text.h
#pragma once
#include <optional>
#include <string_view>

namespace serval::core {

/// What an error page says about a status.
struct StatusText {
  std::string_view reason;       // "Not Found"
  std::string_view description;  // one sentence
};

/// Nothing for a status that no standard names.
std::optional<StatusText> status_text(int status);

}  // namespace serval::core
