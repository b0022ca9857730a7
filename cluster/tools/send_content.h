// cluster/tools/send_content.h
#pragma once
#include <functional>
#include <memory>

#include "cluster/tools/send_command.h"
#include "cluster/tribes/member.h"

namespace serval::tools {

/// Makes the content of the next message, ready for the channel.
using ContentSource = std::function<std::shared_ptr<const tribes::Bytes>()>;

/// Errors: a file that cannot be read; options that name no content, or a content that no option
/// can carry.
Result<ContentSource> content_source(const SendOptions& options);

}  // namespace serval::tools
