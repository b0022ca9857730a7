// cluster/tools/members_command.h
#pragma once
#include "cluster/tools/group_session.h"

namespace serval::tools {

struct MembersOptions {
  bool once = false;  // one table, then the end
};

/// `serval tribes members`: a table of the group that lives on a terminal, a line for each change
/// anywhere else. Returns the exit status.
int show_members(const GroupOptions& group, const MembersOptions& options);

}  // namespace serval::tools
