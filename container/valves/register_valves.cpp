#include "container/valves/register_valves.h"

#include "container/valves/access_log_valve.h"
#include "container/valves/error_report_valve.h"
#include "container/valves/health_check_valve.h"
#include "container/valves/library_valve.h"
#include "container/valves/persistent_valve.h"
#include "container/valves/remote_addr_valve.h"

namespace serval::core {

void register_valves(Registries& registries) {
  registries.library_kinds[ApplicationTable::Kind::kValve] = add_library_valve;
  Registry<Valve>& valves = registries.valves;
  valves.add<AccessLogValve>("org.apache.catalina.valves.AccessLogValve");
  valves.add<HealthCheckValve>("org.apache.catalina.valves.HealthCheckValve");
  valves.add<PersistentValve>("org.apache.catalina.valves.PersistentValve");
  valves.add<RemoteAddrValve>("org.apache.catalina.valves.RemoteAddrValve");
  std::vector<Registry<Valve>::Description> rows;
  for (const auto& row : ErrorReportValve::attributes()) rows.push_back({row.name, row.help});
  rows.push_back({"errorCode.nnn", "file sent for a status; 0 for any"});
  rows.push_back({"exceptionType.<class>", "file sent for an exception"});
  valves.add(
      "org.apache.catalina.valves.ErrorReportValve", std::move(rows),
      [](const Element& element, Diagnostics& diagnostics) -> Result<std::unique_ptr<Valve>> {
        return std::make_unique<ErrorReportValve>(ErrorReportValve::read(element, diagnostics));
      });
}

}  // namespace serval::core
