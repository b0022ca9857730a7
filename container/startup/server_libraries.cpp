#include "container/startup/server_libraries.h"

#include <fmt/format.h>

#include <memory>

#include "container/webapp/library_loader.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;

void add_classes(const fs::path& file, const std::shared_ptr<ApplicationLibrary>& library,
                 Registries& registries, Diagnostics& diagnostics) {
  for (const auto& entry : library->classes()) {
    const auto add = registries.library_kinds.find(entry.kind);
    if (add == registries.library_kinds.end()) {
      diagnostics.warning({}, fmt::format("Library [{}]: class [{}] is left out, it is no valve; "
                                          "servlets, filters and listeners belong into an "
                                          "application's WEB-INF/lib",
                                          file.string(), entry.name));
    } else if (registries.valves.contains(entry.name)) {
      diagnostics.warning({}, fmt::format("Library [{}]: class [{}] is left out, the server has "
                                          "one of this name already",
                                          file.string(), entry.name));
    } else {
      add->second(registries, {entry, library});
    }
  }
}

void load_folder(const fs::path& folder, const fs::path& work_dir, Registries& registries,
                 Diagnostics& diagnostics) {
  const auto files = find_libraries(folder);
  if (!files) return diagnostics.error({}, files.error().message);
  for (const auto& file : *files) {
    if (const auto library = ApplicationLibrary::load(file, work_dir)) {
      add_classes(file, *library, registries, diagnostics);
    } else {
      diagnostics.error({}, library.error().message);
    }
  }
}

}  // namespace

void load_server_libraries(const Properties& properties, const fs::path& work_dir,
                           Registries& registries, Diagnostics& diagnostics) {
  if (auto cleared = clear_library_copies(work_dir); !cleared)
    return diagnostics.error({}, cleared.error().message);
  const fs::path base = properties.catalina_base() / "lib",
                 home = properties.catalina_home() / "lib";
  load_folder(base, work_dir, registries, diagnostics);
  std::error_code missing;
  if (home != base && !fs::equivalent(home, base, missing))
    load_folder(home, work_dir, registries, diagnostics);
}

}  // namespace serval::core
