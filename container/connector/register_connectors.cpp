#include "container/connector/register_connectors.h"

#include <fmt/format.h>

#include "container/connector/http11_connector.h"

namespace serval::connector {
namespace {

std::vector<Registry<core::Connector>::Description> rows() {
  std::vector<Registry<core::Connector>::Description> rows;
  for (const auto& row : Http11Options::attributes()) rows.push_back({row.name, row.help});
  return rows;
}

}  // namespace

void register_connectors(Registry<core::Connector>& connectors) {
  for (const std::string_view name : {"HTTP/1.1", "org.apache.coyote.http11.Http11NioProtocol",
                                      "org.apache.coyote.http11.Http11Nio2Protocol",
                                      "org.apache.coyote.http11.Http11AprProtocol"}) {
    const bool other = name.ends_with("Nio2Protocol") || name.ends_with("AprProtocol");
    connectors.add(
        name, rows(),
        [other, name](const Element& element,
                      Diagnostics& diagnostics) -> Result<std::unique_ptr<core::Connector>> {
          if (other) {
            diagnostics.info(element.origin, fmt::format("{}: {} is served by the one HTTP/1.1 "
                                                         "connector that Serval has",
                                                         element.path, name));
          }
          return std::make_unique<Http11Connector>(read_http11_options(element, diagnostics));
        });
  }
}

}  // namespace serval::connector
