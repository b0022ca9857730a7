// container/resources/preconditions.h
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "container/servlet/serval/request.h"

namespace serval::core {

/// What the If-* headers of a request say about a file: 0 = serve it, 304, 400 (malformed entity
/// tags) or 412. In the order of RFC 9110: If-Match, If-Unmodified-Since (only without If-Match),
/// If-None-Match, If-Modified-Since (only without If-None-Match); dates count in whole seconds.
///
/// Units: last_modified is milliseconds since 1970-01-01 UTC.
int check_preconditions(const serval::Request& request, std::string_view etag,
                        std::int64_t last_modified);

/// Whether If-Range (if it is there) allows a partial answer.
bool if_range_allows(const serval::Request& request, std::string_view etag,
                     std::int64_t last_modified);

/// Whether `etag` stands in the list of a header ("*" is not handled here); nothing if the list is
/// malformed. Strong comparison never matches a weak tag.
std::optional<bool> etag_in_list(std::string_view list, std::string_view etag, bool weak);

}  // namespace serval::core
