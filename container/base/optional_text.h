// container/base/optional_text.h
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "container/base/attribute.h"

namespace serval {

/// The attribute of a text that has no value unless it is written. Its bean shows null then.
template <class Options>
Attribute<Options> optional_text(std::string_view name, std::optional<std::string> Options::*field,
                                 std::string_view help) {
  return {name, help,
          [field](Options& o, std::string_view text) -> Result<> {
            (o.*field).emplace(text);
            return {};
          },
          [field](const Options& o) { return o.*field ? BeanValue(*(o.*field)) : BeanValue(); }};
}

}  // namespace serval
