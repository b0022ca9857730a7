#pragma once
#include <string_view>

#include "cluster/tribes/member.h"
#include "container/base/attribute.h"
#include "container/base/result.h"

namespace serval::tribes {

/// Bytes of a setting as Tomcat writes them: "{1,2,-3}" is a list of signed (or unsigned) decimal
/// bytes, anything else its characters in ISO-8859-1.
/// Errors: kInvalidArgument for a list entry that is no byte, or a character beyond ISO-8859-1.
Result<Bytes> bytes_from_text(std::string_view text);

/// An attribute in this form.
template <class Options>
Attribute<Options> bytes_attribute(std::string_view name, Bytes Options::*field,
                                   std::string_view help) {
  return {name, help, [field](Options& options, std::string_view text) -> Result<> {
            auto bytes = bytes_from_text(text);
            if (!bytes) return std::move(bytes).error();
            options.*field = *std::move(bytes);
            return {};
          }};
}

}  // namespace serval::tribes
