// container/webapp/library_loader.h
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/result.h"
#include "container/core/context.h"
#include "container/resources/static_files.h"
#include "container/servlet/serval/servlet.h"

namespace serval::core {

/// What a library made for Serval exports.
inline constexpr std::string_view kTableSymbol = "serval_application_v1";
/// What is to be said of one that does not.
inline constexpr std::string_view kNoTable =
    "has no symbol [serval_application_v1]: it is not made for Serval (SERVAL_APPLICATION in one "
    "of its sources)";

/// One WEB-INF/lib/*.so, or one of the server's lib folder, loaded from a private copy with a name
/// of its own, so that a redeployed application gets its new code even while the old one still
/// answers. Objects made from it hold a reference; with the last one the library is closed and the
/// copy removed.
///
/// Errors: kNotFound, kIo; kInvalidArgument: not an ELF library, for another machine, without the
/// table `serval_application_v1`, for another API version. The message names the file. Threads:
/// any.
class ApplicationLibrary {
 public:
  /// `work_dir` is made; the copy goes there.
  static Result<std::shared_ptr<ApplicationLibrary>> load(const std::filesystem::path& library,
                                                          const std::filesystem::path& work_dir);
  ~ApplicationLibrary();
  ApplicationLibrary(const ApplicationLibrary&) = delete;
  ApplicationLibrary& operator=(const ApplicationLibrary&) = delete;

  /// The class of this name and kind, or nullptr.
  const ApplicationTable::Class* find(std::string_view class_name,
                                      ApplicationTable::Kind kind) const;
  const std::vector<ApplicationTable::Class>& classes() const { return classes_; }

 private:
  ApplicationLibrary(void* handle, std::filesystem::path copy)
      : handle_(handle), copy_(std::move(copy)) {}
  Result<> read_table(const std::filesystem::path& library);

  void* const handle_;
  const std::filesystem::path copy_;
  std::vector<ApplicationTable::Class> classes_;
};

/// The *.so files of a folder, which need not exist, by name. Errors: kIo.
Result<std::vector<std::filesystem::path>> find_libraries(const std::filesystem::path& library_dir);
/// Removes the folder of private copies that an earlier run may have left. Errors: kIo.
Result<> clear_library_copies(const std::filesystem::path& work_dir);

/// Makes an application's objects: first the container's own classes (DefaultServlet), then those
/// of WEB-INF/lib/*.so in the order of the file names.
///
/// Threads: any.
class ApplicationClasses final : public ClassFactory {
 public:
  /// Loads all libraries of `library_dir` (which need not exist). What an earlier run left in
  /// `work_dir` is removed first.
  static Result<std::unique_ptr<ApplicationClasses>> load(const std::filesystem::path& library_dir,
                                                          const std::filesystem::path& work_dir,
                                                          const ResourceSettings& resources = {});
  explicit ApplicationClasses(const ResourceSettings& resources) : resources_(resources) {}

  Result<std::unique_ptr<Servlet>> make_servlet(std::string_view class_name) override;
  Result<std::unique_ptr<Filter>> make_filter(std::string_view class_name) override;
  Result<std::unique_ptr<Listener>> make_listener(std::string_view class_name) override;
  bool has_filter(std::string_view class_name) const;
  bool has_listener(std::string_view class_name) const;
  std::size_t library_count() const { return libraries_.size(); }

 private:
  template <class Base, class Proxy>
  Result<std::unique_ptr<Base>> make(std::string_view class_name, ApplicationTable::Kind kind,
                                     std::string_view kind_name);

  const ResourceSettings resources_;
  std::vector<std::shared_ptr<ApplicationLibrary>> libraries_;
};

/// Reads the head of an ELF file. Errors: kInvalidArgument when it is not a shared library for the
/// machine that this program runs on; kIo. The message does not name the file.
Result<> check_elf(const std::filesystem::path& library);

}  // namespace serval::core
