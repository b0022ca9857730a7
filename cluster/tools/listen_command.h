// cluster/tools/listen_command.h
#pragma once
#include "cluster/tools/group_session.h"

namespace serval::tools {

struct ListenOptions {
  bool echo = false;   // sends each message back
  bool full = false;   // contents and digests as a whole
  bool quiet = false;  // no line for a message, only their number at the end
};

/// `serval tribes listen` and `serval tribes echo`: a line for each event of the group. echo sends
/// each message back to its sender with the options it came with: raw bytes as they are, an object
/// read and written anew. RPC messages are left to the channel, which answers that nobody here has
/// such a channel; sent back, a node would take its own question for ours.
///
/// A message that cannot be read as an object is a failure for its sender (FAIL_ACK) in echo.
/// Returns the exit status.
int listen(const GroupOptions& group, const ListenOptions& options);

}  // namespace serval::tools
