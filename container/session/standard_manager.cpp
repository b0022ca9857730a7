#include "container/session/standard_manager.h"

#include <array>

namespace serval::core {

std::span<const Attribute<StandardManager::Options>> StandardManager::attributes() {
  static const std::array table{
      attribute("maxActiveSessions", &Options::max_active_sessions,
                "most sessions at a time, -1 for no limit; one more fails"),
      attribute("processExpiresFrequency", &Options::process_expires_frequency,
                "background ticks from one look for expired sessions to the next"),
      attribute("notifyAttributeListenerOnUnchangedValue",
                &Options::notify_attribute_listener_on_unchanged_value,
                "attribute listeners also hear of a value that was there before"),
  };
  return table;
}

}  // namespace serval::core
