#include "container/config/tomcat_names.h"

#include <algorithm>
#include <array>

#include "container/base/error.h"
#include "container/config/tomcat_names_rows.h"

namespace serval {
namespace {

using Rows = std::map<std::string_view, std::string_view>;

void collect(const Rows& rows, std::string_view list, std::vector<std::string_view>& names) {
  while (!list.empty()) {
    const std::size_t blank = list.find(' ');
    const std::string_view name = list.substr(0, blank);
    list = blank == std::string_view::npos ? std::string_view{} : list.substr(blank + 1);
    if (name.starts_with('@')) {
      const auto other = rows.find(name.substr(1));
      SERVAL_ASSERT(other != rows.end(), "a row of the table of names points to nothing");
      collect(rows, other->second, names);
    } else if (std::ranges::find(names, name) == names.end()) {
      names.push_back(name);
    }
  }
}

}  // namespace

TomcatNameTable::TomcatNameTable() {
  using namespace tomcat_names;
  Rows rows;
  for (const auto& area :
       {container_rows(), connector_rows(), cluster_rows(), security_rows(), valves_rows()}) {
    for (const auto& [class_name, attributes] : area) rows.emplace(class_name, attributes);
  }
  for (const auto& [class_name, list] : rows) {
    // Names without a dot are groups that other rows include.
    if (class_name.find('.') != std::string_view::npos)
      collect(rows, list, attributes_[class_name]);
  }
}

bool TomcatNameTable::knows_class(std::string_view class_name) const {
  return attributes_.contains(class_name);
}

std::span<const std::string_view> TomcatNameTable::attributes_of(
    std::string_view class_name) const {
  const auto it = attributes_.find(class_name);
  if (it == attributes_.end()) return {};
  return it->second;
}

const TomcatNames& tomcat_names_9() {
  static const TomcatNameTable table;
  return table;
}

}  // namespace serval
