#include "container/session/session_id_generator.h"

#include <array>

#include "container/base/attribute.h"

namespace serval::core {
namespace {

struct Options {
  int length = 0;
  std::string jvm_route;  // read for its name only
};

std::span<const Attribute<Options>> table() {
  static const std::array rows{
      Attribute<Options>{"sessionIdLength", "bytes of randomness, 1 to 1024",
                         [](Options& options, std::string_view text) -> Result<> {
                           int length = 0;
                           if (auto parsed = parse_into(text, length); !parsed) return parsed;
                           if (length < 1 || length > 1024) {
                             return Error{Errc::kInvalidArgument, "not from 1 to 1024"};
                           }
                           options.length = length;
                           return {};
                         }},
      attribute("jvmRoute", &Options::jvm_route,
                "no effect: the Engine's route takes its place, as in Tomcat"),
  };
  return rows;
}

}  // namespace

void read_session_id_generator(const Element& manager, Manager::BaseOptions& options,
                               Diagnostics& diagnostics) {
  constexpr std::string_view kClass = "org.apache.catalina.util.StandardSessionIdGenerator";
  const Element* const element = manager.child("SessionIdGenerator");
  if (!element) return;
  if (const auto name = element->class_name(kClass); name != kClass) {
    diagnostics.error(element->origin, "unknown className '" + std::string(name) +
                                           "', the session id generator is " + std::string(kClass));
    return;
  }
  const auto own = read_options(*element, kClass, table(), diagnostics);
  if (own.length > 0) options.session_id_length = own.length;
}

}  // namespace serval::core
