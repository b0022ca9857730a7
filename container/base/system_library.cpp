#include "container/base/system_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <utility>

namespace serval {

SystemLibrary::SystemLibrary(const char* file, std::string need)
    : need_(std::move(need)), handle_(::dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) problem_ = fmt::format("{}: {}", need_, ::dlerror());
}

void* SystemLibrary::address_of(const char* name) {
  void* const address = handle_ != nullptr ? ::dlsym(handle_, name) : nullptr;
  if (address == nullptr && problem_.empty()) {
    problem_ = fmt::format("{}: {}", need_, ::dlerror());
  }
  return address;
}

}  // namespace serval
