// cluster/tools/tribes_command.h
#pragma once
#include <string>
#include <vector>

namespace serval::tools {

/// `serval tribes ...`: what a person does with a group by hand. `words`: the command line behind
/// "tribes". Returns the exit status; what is wrong is on standard error.
int run_tribes(std::vector<std::string> words);

}  // namespace serval::tools
