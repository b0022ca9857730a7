// container/core/request_mapper.h
#pragma once
#include <string>
#include <string_view>

#include "container/mapper/mapper.h"

namespace serval::core {

class Context;
class Request;

/// Chooses the servlet for a path inside a context (container-behaviour 2.4 to 2.6) and sets
/// wrapper, servlet path, path info and mapped path of the request. With a welcome file the path is
/// built in `storage`.
///
/// `path` and `storage` must live as long as the request shows them. False: no servlet takes it.
bool map_servlet(const Context& context, std::string_view path, Request& request,
                 std::string& storage);

}  // namespace serval::core
