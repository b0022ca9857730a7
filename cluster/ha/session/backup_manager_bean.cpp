// What a BackupManager shows to management.
#include <fmt/format.h>

#include "cluster/ha/session/backup_manager.h"
#include "container/session/manager_bean.h"

namespace serval::ha {

BeanValue bean_value(const MapSendOptions& options) { return serval::bean_value(options.value); }

namespace {
const BeanTable<BackupManager>& table() {
  using This = BackupManager;
  static const auto table = [] {
    BeanTable<This> made{"org.apache.catalina.ha.session.BackupManager", {}, {}};
    made.inherit(core::manager_table())
        .options()
        .read("mapName", [](const This& m) { return m.map_name(); })
        .read(
            "mapSendOptionsName",
            [](const This& m) { return tribes::options_text(m.options().map_send_options.value); })
        .read("activeSessionsFull",
              [](const This& m) { return static_cast<int>(m.active_sessions_full()); })
        .read("invalidatedSessions", [](const This&) { return BeanValue(BeanList()); });
    made.operations.push_back(
        {"getSessionIdsFull", 0, [](This& m, Bean::Arguments) -> Result<BeanValue> {
           return BeanValue(fmt::format("[{}]", fmt::join(m.session_ids_full(), ", ")));
         }});
    return made;
  }();
  return table;
}
}  // namespace

std::unique_ptr<Bean> BackupManager::bean(std::string_view place) {
  return make_bean(*this, table(), resource(place));
}

}  // namespace serval::ha
