#include "container/database/data_sources.h"

#include <fmt/format.h>

#include <algorithm>

namespace serval::core {
namespace {

constexpr std::string_view kDataSource = "javax.sql.DataSource";

DataSource::Options options_of(const Element& resource, Diagnostics& diagnostics) {
  // A resource takes any attribute; its factory looks for those that it knows.
  Element own = resource;
  std::erase_if(own.attributes, [](const auto& property) {
    return std::ranges::none_of(DataSource::attributes(),
                                [&](const auto& a) { return a.name == property.name; });
  });
  return read_options(own, "org.apache.tomcat.dbcp.dbcp2.BasicDataSource", DataSource::attributes(),
                      diagnostics);
}

}  // namespace

void DataSources::read(const Element& e, Diagnostics& diagnostics) {
  const std::string name(e.attribute_or("name", ""));
  if (e.attribute_or("type", "") != kDataSource) return;
  if (e.name == "Resource") {
    sources_.insert_or_assign(name,
                              std::make_shared<DataSource>(options_of(e, diagnostics),
                                                           fmt::format("Resource [{}] url", name)));
    links_.erase(name);
  } else if (e.name == "ResourceLink") {
    links_.insert_or_assign(name, std::string(e.attribute_or("global", name)));
    sources_.erase(name);
  }
}

std::shared_ptr<DataSource> DataSources::find(std::string_view name, bool local_only) const {
  if (const auto own = sources_.find(name); own != sources_.end()) return own->second;
  if (!global_) return nullptr;
  if (const auto link = links_.find(name); link != links_.end())
    return global_->find(link->second, false);
  return local_only ? nullptr : global_->find(name, false);
}

}  // namespace serval::core
