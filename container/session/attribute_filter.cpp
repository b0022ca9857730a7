#include "container/session/attribute_filter.h"

#include <algorithm>
#include <array>
#include <string>

#include "container/base/log.h"

namespace serval::core {

namespace {
const Log kLog{"org.apache.catalina.session.ManagerBase"};
constexpr std::array<std::string_view, 2> kNeverReplicated{
    "javax.security.auth.subject", "org.apache.catalina.valves.CrawlerSessionManagerValve"};

void tell(bool warn, std::string_view attribute, std::string_view why) {
  if (warn) {
    kLog.warn("Session attribute [{}] is not replicated: {}", attribute, why);
  } else {
    kLog.debug("Session attribute [{}] is not replicated: {}", attribute, why);
  }
}
}  // namespace

bool AttributeFilter::passes(std::string_view attribute, const Value* value) const {
  if (std::ranges::find(kNeverReplicated, attribute) != kNeverReplicated.end()) return false;
  if (name && !name->matches(attribute)) {
    tell(warn, attribute, "its name does not match " + name->expression());
    return false;
  }
  if (value_class_name && value && !value->is_null() &&
      !value_class_name->matches(value->class_name())) {
    tell(warn, attribute,
         "its class " + value->class_name() + " does not match " + value_class_name->expression());
    return false;
  }
  return true;
}

}  // namespace serval::core
