#include "container/config/tomcat_users.h"

#include <fmt/format.h>

#include <algorithm>

#include "container/config/text_file.h"
#include "container/config/xml_reader.h"

namespace serval {
namespace {

std::string_view local_name(const Element& e) {
  const std::size_t colon = e.name.find(':');
  return colon == std::string::npos ? std::string_view(e.name)
                                    : std::string_view(e.name).substr(colon + 1);
}

std::string text_of(const Element& e, std::string_view name, std::string_view other = {}) {
  if (const auto* value = e.attribute(name)) return *value;
  return std::string(other.empty() ? std::string_view{} : e.attribute_or(other, ""));
}

std::vector<std::string> list_of(const Element& e, std::string_view name) {
  std::vector<std::string> words;
  std::string_view list = e.attribute_or(name, "");
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view word = trimmed(list.substr(0, comma));
    if (!word.empty()) words.emplace_back(word);
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return words;
}

/// Adds, or replaces the one with the same name.
template <class T>
void put(std::vector<T>& all, T one) {
  const auto same = std::ranges::find(all, one.name, &T::name);
  if (same == all.end())
    all.push_back(std::move(one));
  else
    *same = std::move(one);
}

void declare(TomcatUsers& users, const std::vector<std::string>& names) {
  for (const auto& name : names)
    if (std::ranges::find(users.roles, name, &TomcatUsers::Role::name) == users.roles.end())
      users.roles.push_back({name, {}});
}

Result<TomcatUsers> from_tree(const Element& root) {
  if (local_name(root) != "tomcat-users")
    return Error{Errc::kInvalidArgument,
                 fmt::format("{}: the root element must be <tomcat-users>, not <{}>",
                             root.origin.text(), root.name)};
  TomcatUsers all;
  for (const Element& e : root.children) {
    const std::string_view kind = local_name(e);
    const auto nameless = [&](const std::string& name) {
      if (name.empty())
        all.warnings.push_back(
            fmt::format("{}: <{}> without a name is left out", e.origin.text(), e.name));
      return name.empty();
    };
    if (kind == "role") {
      TomcatUsers::Role role{text_of(e, "rolename", "name"), text_of(e, "description")};
      if (!nameless(role.name)) put(all.roles, std::move(role));
    } else if (kind == "group") {
      TomcatUsers::Group group{text_of(e, "groupname", "name"), text_of(e, "description"),
                               list_of(e, "roles")};
      if (!nameless(group.name)) put(all.groups, std::move(group));
    } else if (kind == "user") {
      TomcatUsers::User user{text_of(e, "username", "name"),
                             text_of(e, "fullName", "fullname"),
                             {},
                             list_of(e, "roles"),
                             list_of(e, "groups")};
      if (const auto* const password = e.attribute("password")) user.password = *password;
      if (!nameless(user.name)) put(all.users, std::move(user));
    }
  }
  for (const auto& group : all.groups) declare(all, group.roles);
  for (const auto& user : all.users) {
    declare(all, user.roles);
    for (const auto& name : user.groups)
      if (std::ranges::find(all.groups, name, &TomcatUsers::Group::name) == all.groups.end())
        all.groups.push_back({name, {}, {}});
  }
  return all;
}

}  // namespace

const TomcatUsers::User* TomcatUsers::user(std::string_view name) const {
  const auto it = std::ranges::find(users, name, &User::name);
  return it == users.end() ? nullptr : &*it;
}

std::set<std::string> TomcatUsers::roles_of(const User& user) const {
  std::set<std::string> all(user.roles.begin(), user.roles.end());
  for (const auto& group : groups)
    if (std::ranges::find(user.groups, group.name) != user.groups.end())
      all.insert(group.roles.begin(), group.roles.end());
  return all;
}

Result<TomcatUsers> read_tomcat_users(const std::filesystem::path& path,
                                      const Properties& properties) {
  auto tree = read_xml_file(path, {.properties = &properties});
  if (!tree) return tree.error();
  return from_tree(*tree);
}

Result<TomcatUsers> parse_tomcat_users(std::string_view text, std::string_view file_name,
                                       const Properties& properties) {
  auto tree = read_xml(text, file_name, {.properties = &properties});
  if (!tree) return tree.error();
  return from_tree(*tree);
}

}  // namespace serval
