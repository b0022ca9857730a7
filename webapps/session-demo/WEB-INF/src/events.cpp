#include "events.h"

namespace demo {

std::string Events::counts() {
  return "created " + std::to_string(created_) + " destroyed " + std::to_string(destroyed_) +
         " renamed " + std::to_string(renamed_) + " added " + std::to_string(added_) +
         " replaced " + std::to_string(replaced_) + " removed " + std::to_string(removed_);
}

}  // namespace demo
