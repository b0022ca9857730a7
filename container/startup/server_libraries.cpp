#include "container/startup/server_libraries.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

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

/// Whether the file names the table. Of any other library nothing is loaded, for its code would
/// run.
bool is_made_for_serval(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::boyer_moore_horspool_searcher name(kTableSymbol.begin(), kTableSymbol.end());
  std::string part(1 << 20, '\0');
  std::size_t kept = 0;  // the end of the part before, where the name may begin
  while (in) {
    in.read(part.data() + kept, static_cast<std::streamsize>(part.size() - kept));
    const auto end = part.begin() + static_cast<std::ptrdiff_t>(kept) + in.gcount();
    if (std::search(part.begin(), end, name) != end) return true;
    kept = std::min(kTableSymbol.size() - 1, static_cast<std::size_t>(end - part.begin()));
    std::copy(end - static_cast<std::ptrdiff_t>(kept), end, part.begin());
  }
  return false;
}

void load_folder(const fs::path& folder, const fs::path& work_dir, Registries& registries,
                 Diagnostics& diagnostics) {
  const auto files = find_libraries(folder);
  if (!files) return diagnostics.error({}, files.error().message);
  for (const auto& file : *files) {
    if (!is_made_for_serval(file)) {
      diagnostics.warning({},
                          fmt::format("Library [{}] is left out, it {}", file.string(), kNoTable));
    } else if (const auto library = ApplicationLibrary::load(file, work_dir)) {
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
