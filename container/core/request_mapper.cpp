#include "container/core/request_mapper.h"

#include <algorithm>
#include <filesystem>

#include "container/core/context.h"
#include "container/core/request.h"
#include "container/core/wrapper.h"

namespace serval::core {
namespace {

using Match = std::optional<ContextMapping::Match>;

void set_match(const Context& context, const ContextMapping::Match& match, std::string_view path,
               Request& request) {
  SERVAL_ASSERT(request.mapped_context.get() == &context, "mapped inside the request's context");
  request.wrapper = std::shared_ptr<Wrapper>(request.mapped_context, match.wrapper);
  request.servlet_path_view = match.servlet_path;
  request.path_info_view = match.path_info;
  request.mapped_path = path;
}

bool is_file(const Context& context, std::string_view path) {
  const auto real = context.real_path(path);
  std::error_code ignored;  // not there, not readable: not a welcome file
  return real && std::filesystem::is_regular_file(*real, ignored);
}

bool needs_file(const Context& context, const Wrapper& wrapper) {
  return std::ranges::find(context.options.resource_only_servlets, wrapper.name()) !=
         context.options.resource_only_servlets.end();
}

/// The welcome file for a directory's path. `candidate` is where its path is built.
Match find_welcome(const Context& context, std::string_view directory, std::string& candidate) {
  const ContextMapping& mapping = context.mapping();
  for (const auto& file : context.settings.welcome_files) {
    candidate.assign(directory).append(file);
    if (auto match = mapping.find_exact_or_prefix(candidate)) return match;
    if (!is_file(context, candidate)) continue;
    if (auto match = mapping.find_extension(candidate)) return match;
    if (auto match = mapping.find_default(candidate)) return match;
  }
  for (const auto& file : context.settings.welcome_files) {
    candidate.assign(directory).append(file);
    const auto match = mapping.find_extension(candidate);
    if (match && !needs_file(context, *match->wrapper)) return match;
  }
  return std::nullopt;
}

}  // namespace

bool map_servlet(const Context& context, std::string_view path, Request& request,
                 std::string& storage) {
  const ContextMapping& mapping = context.mapping();
  Match match = mapping.find_exact_or_prefix(path);
  if (!match) match = mapping.find_extension(path);
  if (!match && path.ends_with('/')) {
    match = find_welcome(context, path, storage);
    if (match) path = storage;
  }
  if (!match) match = mapping.find_default(path);
  if (!match) return false;
  set_match(context, *match, path, request);
  return true;
}

}  // namespace serval::core
