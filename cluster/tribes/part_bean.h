// cluster/tribes/part_bean.h
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "cluster/tribes/member.h"
#include "container/base/bean.h"

namespace serval::tribes {

/// A field of bytes as Java shows a byte[].
inline BeanValue byte_list(const Bytes& bytes) {
  BeanList list{"byte", {}};
  for (const auto byte : bytes)
    list.items.push_back(std::to_string(static_cast<std::int8_t>(byte)));
  return BeanValue(std::move(list));
}

/// A node's own description of itself, where Tomcat writes the address as text.
inline std::string local_text(const Member& member) {
  constexpr std::size_t kScheme = std::string_view("tcp://").size();
  const std::string name = member.name(), host = name.substr(kScheme, name.rfind(':') - kScheme);
  std::string text = member.description();
  for (std::size_t at = 0; (at = text.find(host, at)) != text.npos;) {
    text.replace(at, host.size(), member.host_text());
  }
  return text;
}

/// The operation getLocalMember(boolean), whose argument asks for the alive time of now.
template <class T, class Local>
void add_local_member(BeanTable<T>& table, Local local) {
  table.operations.push_back({"getLocalMember", 1, [local](T& part, Bean::Arguments) {
                                const MemberPtr member = local(part);
                                return Result<BeanValue>(member ? BeanValue(local_text(*member))
                                                                : BeanValue());
                              }});
}

/// The operation hasMembers.
template <class T>
void add_has_members(BeanTable<T>& table) {
  table.operations.push_back({"hasMembers", 0, [](T& part, Bean::Arguments) {
                                return Result<BeanValue>(BeanValue(!part.members().empty()));
                              }});
}

/// What a part of a channel shows: the attributes of its element as Java's own beans write them
/// ("MaxThreads"), and the figures and operations that `T::add_figures(BeanTable<T>&)` puts before
/// them. Those that T::kSettable names can be set, in T::live_options().
template <class T>
const BeanTable<T>& part_table(std::string_view class_name) {
  static const auto table = [&] {
    BeanTable<T> made{class_name, {}, {}};
    if constexpr (requires { T::add_figures(made); }) T::add_figures(made);
    for (const auto& row : T::attributes()) {
      if (!row.get) continue;
      std::string name(row.name);
      name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
      if (made.has(name)) continue;
      made.attributes.push_back(
          {std::move(name), row.type, [&row](const T& part) { return row.get(part.options()); }});
      if constexpr (requires { T::kSettable; }) {
        if (std::ranges::find(T::kSettable, row.name) == T::kSettable.end()) continue;
        made.attributes.back().set = [&row](T& part, std::string_view text) {
          return part.live_options().change(row, text);
        };
      }
    }
    return made;
  }();
  return table;
}

/// The bean of a part. class_name: Tomcat's, of a literal.
template <class T>
std::unique_ptr<Bean> part_bean(T& part, std::string_view class_name) {
  return make_bean(part, part_table<T>(class_name), {});
}

}  // namespace serval::tribes
