#include "cluster/tools/channel_file.h"

#include <filesystem>

#include "cluster/tribes/group/channel_builder.h"
#include "container/config/nesting.h"
#include "container/config/properties.h"
#include "container/config/tomcat_names.h"
#include "container/config/xml_reader.h"

namespace serval::tools {
namespace {

Result<Properties> properties_of(const std::vector<std::string>& definitions) {
  const auto here = std::filesystem::current_path();
  Properties properties = Properties::with_defaults(here, here);
  for (const std::string& definition : definitions) {
    if (!properties.set_from_argument("-D" + definition))
      return Error{Errc::kInvalidArgument, "-D" + definition + ": not of the form -Dname=value"};
  }
  return properties;
}

/// Warnings too: what is wrong with a value may be the reason of an error.
Error all_problems(const Diagnostics& diagnostics) {
  std::string text;
  for (const auto& entry : diagnostics.entries()) {
    if (entry.severity == Diagnostics::Severity::kInfo) continue;
    text += (text.empty() ? "" : "\n") + entry.text;
  }
  return Error{Errc::kInvalidArgument, text};
}

}  // namespace

Result<LoadedChannel> load_channel(const std::string& path,
                                   const std::vector<std::string>& definitions) {
  const auto properties = properties_of(definitions);
  if (!properties) return properties.error();
  auto tree = read_xml_file(path, {.properties = &*properties});
  if (!tree) return std::move(tree).error();
  Diagnostics diagnostics(tomcat_names_9());
  check_nesting(*tree, "Channel", diagnostics);
  if (diagnostics.has_errors()) return all_problems(diagnostics);
  auto built = tribes::build_channel(&*tree, diagnostics);
  if (!built || diagnostics.has_errors()) return all_problems(diagnostics);
  LoadedChannel loaded;
  auto* const channel = dynamic_cast<tribes::GroupChannel*>(built->get());
  SERVAL_ASSERT(channel, "the only class of a <Channel> is GroupChannel");
  static_cast<void>(built->release());
  loaded.channel.reset(channel);
  for (const auto& entry : diagnostics.entries()) {
    if (entry.severity == Diagnostics::Severity::kWarning) loaded.warnings.push_back(entry.text);
  }
  return loaded;
}

}  // namespace serval::tools
