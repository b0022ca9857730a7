#include "container/core/thrown_exception.h"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <typeinfo>

#include "container/servlet/serval/error.h"

namespace serval::core {
namespace {

struct JavaName {
  const std::type_info& type;
  const char* name;
};
const JavaName kJavaNames[] = {
    {typeid(IllegalStateException), "java.lang.IllegalStateException"},
    {typeid(IllegalArgumentException), "java.lang.IllegalArgumentException"},
    {typeid(ClassCastException), "java.lang.ClassCastException"},
    {typeid(ServletException), "javax.servlet.ServletException"},
    {typeid(std::bad_alloc), "java.lang.OutOfMemoryError"},
    {typeid(std::logic_error), "java.lang.RuntimeException"},
    {typeid(std::exception), "java.lang.Exception"},
};

std::string readable(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  std::string name = status == 0 ? text.get() : type.name();
  for (auto at = name.find("::"); at != std::string::npos; at = name.find("::", at)) {
    name.replace(at, 2, ".");
  }
  return name;
}

void add_types(const std::type_info& type, std::vector<std::string>& types) {
  for (const auto& java : kJavaNames) {
    if (java.type == type) types.emplace_back(java.name);
  }
  if (types.empty() || types.back().rfind("java", 0) != 0) types.push_back(readable(type));
  if (const auto* const one = dynamic_cast<const abi::__si_class_type_info*>(&type)) {
    add_types(*one->__base_type, types);
  } else if (const auto* const many = dynamic_cast<const abi::__vmi_class_type_info*>(&type)) {
    for (unsigned i = 0; i < many->__base_count; ++i) {
      add_types(*many->__base_info[i].__base_type, types);
    }
  }
}

ThrownException describe(const std::type_info& type, std::string message) {
  ThrownException described;
  add_types(type, described.types);
  described.types.emplace_back("java.lang.Throwable");
  described.message = std::move(message);
  return described;
}

void collect_causes(const std::exception& outer, std::vector<ThrownException>& causes) {
  try {
    std::rethrow_if_nested(outer);
  } catch (const std::exception& inner) {
    causes.push_back(describe(typeid(inner), inner.what()));
    collect_causes(inner, causes);
  } catch (...) {
    causes.push_back(describe(*abi::__cxa_current_exception_type(), {}));
  }
}

}  // namespace

std::string ThrownException::text() const {
  return message.empty() ? types.front() : types.front() + ": " + message;
}

ThrownException current_exception_described() {
  try {
    throw;
  } catch (const std::exception& e) {
    auto described = describe(typeid(e), e.what());
    collect_causes(e, described.causes);
    return described;
  } catch (...) {
    return describe(*abi::__cxa_current_exception_type(), {});
  }
}

}  // namespace serval::core
