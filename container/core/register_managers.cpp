#include "container/core/register_managers.h"

#include "container/session/session_id_generator.h"
#include "container/session/standard_manager.h"

namespace serval::core {

void register_managers(Registries& registries) {
  constexpr std::string_view kStandard = "org.apache.catalina.session.StandardManager";
  std::vector<Registry<Manager>::Description> rows;
  for (const auto& row : StandardManager::attributes()) rows.push_back({row.name, row.help});
  registries.managers.add(
      kStandard, std::move(rows),
      [kStandard](const Element& element,
                  Diagnostics& diagnostics) -> Result<std::unique_ptr<Manager>> {
        auto options = read_options(element, kStandard, StandardManager::attributes(), diagnostics);
        read_session_id_generator(element, options, diagnostics);
        return std::make_unique<StandardManager>(std::move(options));
      });
}

}  // namespace serval::core
