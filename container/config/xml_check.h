// container/config/xml_check.h
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace serval {

struct XmlProblem {
  std::size_t offset;  // of the first byte that is wrong
  std::string text;
};

struct XmlLimits {
  std::size_t max_depth, max_elements;
};

/// Finds what makes a text not well formed: pugixml accepts more than XML allows (text beside the
/// root, attributes twice, unknown entities) and says less about what is wrong.
///
/// Requires: valid UTF-8.
/// Errors: the first problem with its place; nothing when the text may be parsed. `doctype` gets
/// what stands between "<!DOCTYPE" and ">".
std::optional<XmlProblem> check_xml(std::string_view text, const XmlLimits& limits,
                                    std::string& doctype);

}  // namespace serval
