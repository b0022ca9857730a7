// cluster/tools/channel_file.h
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "cluster/tribes/group/group_channel.h"
#include "container/base/result.h"

namespace serval::tools {

/// The channel that a file describes.
struct LoadedChannel {
  std::unique_ptr<tribes::GroupChannel> channel;
  std::vector<std::string> warnings;  // "file:line: what", for a person
};

/// Reads a file whose root is one <Channel> as in server.xml. `definitions`: "name=value" for
/// ${name}.
///
/// Errors: kInvalidArgument, a line for everything that is wrong: "file:line: element, attribute,
/// value".
Result<LoadedChannel> load_channel(const std::string& path,
                                   const std::vector<std::string>& definitions);

}  // namespace serval::tools
