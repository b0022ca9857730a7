#include "container/webapp/library_loader.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "container/base/log.h"
#include "container/core/library_class.h"
#include "container/resources/builtin_classes.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;
using Kind = ApplicationTable::Kind;

const Log kLog{"serval.webapp.ApplicationLibrary"};
constexpr std::uint32_t kMaxClasses = 100'000;

/// What an application's object stands behind, so that its library outlives it.
class LibraryServlet final : public Servlet {
 public:
  LibraryServlet(std::shared_ptr<ApplicationLibrary> library, std::unique_ptr<Servlet> servlet)
      : library_(std::move(library)), servlet_(std::move(servlet)) {}
  void init(const ServletConfig& config) override { servlet_->init(config); }
  void service(serval::Request& request, serval::Response& response) override {
    servlet_->service(request, response);
  }
  void destroy() override { servlet_->destroy(); }

 private:
  const std::shared_ptr<ApplicationLibrary> library_;  // goes after the servlet
  const std::unique_ptr<Servlet> servlet_;
};

class LibraryFilter final : public Filter {
 public:
  LibraryFilter(std::shared_ptr<ApplicationLibrary> library, std::unique_ptr<Filter> filter)
      : library_(std::move(library)), filter_(std::move(filter)) {}
  void init(const ServletConfig& config) override { filter_->init(config); }
  void do_filter(serval::Request& request, serval::Response& response,
                 FilterChain& chain) override {
    filter_->do_filter(request, response, chain);
  }
  void destroy() override { filter_->destroy(); }

 private:
  const std::shared_ptr<ApplicationLibrary> library_;
  const std::unique_ptr<Filter> filter_;
};

class LibraryListener final : public Listener {
 public:
  LibraryListener(std::shared_ptr<ApplicationLibrary> library, std::unique_ptr<Listener> listener)
      : library_(std::move(library)), listener_(std::move(listener)) {}
  void context_initialized(ServletContext& c) override { listener_->context_initialized(c); }
  void context_destroyed(ServletContext& c) override { listener_->context_destroyed(c); }
  void session_created(Session& s) override { listener_->session_created(s); }
  void session_destroyed(Session& s) override { listener_->session_destroyed(s); }
  void session_id_changed(Session& s, std::string_view old_id) override {
    listener_->session_id_changed(s, old_id);
  }
  void attribute_added(Session& s, std::string_view name, const Value& value) override {
    listener_->attribute_added(s, name, value);
  }
  void attribute_replaced(Session& s, std::string_view name, const Value& value) override {
    listener_->attribute_replaced(s, name, value);
  }
  void attribute_removed(Session& s, std::string_view name, const Value& value) override {
    listener_->attribute_removed(s, name, value);
  }

 private:
  const std::shared_ptr<ApplicationLibrary> library_;
  const std::unique_ptr<Listener> listener_;
};

Error problem(const fs::path& library, std::string_view what, Errc code = Errc::kInvalidArgument) {
  return {code, fmt::format("Library [{}] {}", library.string(), what)};
}

}  // namespace

Result<std::shared_ptr<ApplicationLibrary>> ApplicationLibrary::load(const fs::path& library,
                                                                     const fs::path& work_dir) {
  if (auto checked = check_elf(library); !checked)
    return problem(library, checked.error().message, checked.error().code);
  static std::atomic<unsigned> next{1};
  std::error_code failed;
  fs::create_directories(work_dir, failed);
  const fs::path copy =
      work_dir / fmt::format("{}-{}-{}.so", library.stem().string(), ::getpid(), next++);
  if (!failed) fs::copy_file(library, copy, fs::copy_options::overwrite_existing, failed);
  if (failed)
    return problem(library,
                   fmt::format("cannot be copied to [{}]: {}", copy.string(), failed.message()),
                   Errc::kIo);
  void* const handle = ::dlopen(copy.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char* const reason = ::dlerror();
    const std::string why = reason ? reason : "no reason given";
    fs::remove(copy, failed);
    return problem(library, fmt::format("cannot be loaded: {}", why));
  }
  std::shared_ptr<ApplicationLibrary> loaded(new ApplicationLibrary(handle, copy));
  if (auto table = loaded->read_table(library); !table) return std::move(table).error();
  return loaded;
}

Result<> ApplicationLibrary::read_table(const fs::path& library) {
  const auto* const table =
      static_cast<const ApplicationTable*>(::dlsym(handle_, kTableSymbol.data()));
  if (!table) return problem(library, kNoTable);
  if (table->api_version != kApiVersion)
    return problem(library, fmt::format("is built for version [{}] of the application API, this "
                                        "server has version [{}]",
                                        table->api_version, kApiVersion));
  if (table->class_count > kMaxClasses || (table->class_count > 0 && !table->classes))
    return problem(library, "has a damaged class table");
  for (std::uint32_t i = 0; i < table->class_count; ++i) {
    const auto& one = table->classes[i];
    if (!one.name || !one.create) return problem(library, "has a damaged class table");
    classes_.push_back(one);
  }
  return {};
}

ApplicationLibrary::~ApplicationLibrary() {
  if (::dlclose(handle_) != 0) {
    const char* const reason = ::dlerror();
    kLog.warn("Library [{}] cannot be closed: {}", copy_.string(), reason ? reason : "");
  }
  std::error_code failed;
  fs::remove(copy_, failed);
  if (failed) kLog.warn("Library [{}] cannot be removed: {}", copy_.string(), failed.message());
}

const ApplicationTable::Class* ApplicationLibrary::find(std::string_view class_name,
                                                        Kind kind) const {
  const auto found = std::ranges::find_if(
      classes_, [&](const auto& c) { return c.kind == kind && class_name == c.name; });
  return found == classes_.end() ? nullptr : &*found;
}

Result<> clear_library_copies(const fs::path& work_dir) {
  std::error_code failed;
  fs::remove_all(work_dir, failed);
  if (!failed) return {};
  return Error{Errc::kIo, fmt::format("Directory [{}] cannot be cleared: {}", work_dir.string(),
                                      failed.message())};
}

Result<std::vector<fs::path>> find_libraries(const fs::path& library_dir) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator it(library_dir, failed), end; !failed && it != end;
       it.increment(failed)) {
    if (it->path().extension() == ".so") files.push_back(it->path());
  }
  if (failed && failed != std::errc::no_such_file_or_directory)
    return Error{Errc::kIo, fmt::format("Directory [{}] cannot be read: {}", library_dir.string(),
                                        failed.message())};
  std::ranges::sort(files);
  return files;
}

Result<std::unique_ptr<ApplicationClasses>> ApplicationClasses::load(
    const fs::path& library_dir, const fs::path& work_dir, const ResourceSettings& resources) {
  if (auto cleared = clear_library_copies(work_dir); !cleared) return std::move(cleared).error();
  const auto files = find_libraries(library_dir);
  if (!files) return files.error();
  auto classes = std::make_unique<ApplicationClasses>(resources);
  for (const auto& file : *files) {
    auto library = ApplicationLibrary::load(file, work_dir);
    if (!library) return std::move(library).error();
    classes->libraries_.push_back(*std::move(library));
  }
  return classes;
}

template <class Base, class Proxy>
Result<std::unique_ptr<Base>> ApplicationClasses::make(std::string_view class_name, Kind kind,
                                                       std::string_view kind_name) {
  for (const auto& library : libraries_) {
    const auto* const found = library->find(class_name, kind);
    if (!found) continue;
    auto object = make_object<Base>(*found, kind_name);
    if (!object) return object;
    return std::unique_ptr<Base>(std::make_unique<Proxy>(library, *std::move(object)));
  }
  return Error{Errc::kNotFound, fmt::format("No library in WEB-INF/lib has the {} class [{}]",
                                            kind_name, class_name)};
}

Result<std::unique_ptr<Servlet>> ApplicationClasses::make_servlet(std::string_view class_name) {
  if (auto builtin = make_builtin_servlet(class_name, resources_)) return builtin;
  return make<Servlet, LibraryServlet>(class_name, Kind::kServlet, "servlet");
}

Result<std::unique_ptr<Filter>> ApplicationClasses::make_filter(std::string_view class_name) {
  return make<Filter, LibraryFilter>(class_name, Kind::kFilter, "filter");
}

Result<std::unique_ptr<Listener>> ApplicationClasses::make_listener(std::string_view class_name) {
  return make<Listener, LibraryListener>(class_name, Kind::kListener, "listener");
}

bool ApplicationClasses::has_filter(std::string_view class_name) const {
  return std::ranges::any_of(libraries_,
                             [&](const auto& l) { return l->find(class_name, Kind::kFilter); });
}

bool ApplicationClasses::has_listener(std::string_view class_name) const {
  return std::ranges::any_of(libraries_,
                             [&](const auto& l) { return l->find(class_name, Kind::kListener); });
}

}  // namespace serval::core
