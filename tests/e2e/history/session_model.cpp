#include "tests/e2e/history/session_model.h"

#include <fmt/format.h>

#include <algorithm>

namespace serval::test {
namespace {

std::string random_part(const std::string& id) { return id.substr(0, id.find('.')); }

std::string with_blanks(std::string list) {
  for (std::size_t at = 0; (at = list.find(',', at)) != std::string::npos; at += 2)
    list.insert(at + 1, " ");
  return "[" + list + "]";
}

/// The text between `before` and the next `after`.
std::string_view part(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + before.size());
  return text.substr(0, text.find(after));
}

}  // namespace

std::string java_class_of(std::string_view type) {
  static const std::map<std::string_view, std::string> classes{
      {"string", "java.lang.String"},  {"int", "java.lang.Integer"},   {"long", "java.lang.Long"},
      {"bool", "java.lang.Boolean"},   {"double", "java.lang.Double"}, {"bytes", "[B"},
      {"list", "java.util.ArrayList"}, {"date", "java.util.Date"},     {"cart", "demo.Cart"}};
  return classes.at(type);
}

std::string shown(std::string_view type, const std::string& value) {
  if (type == "list") return with_blanks(value);
  if (type != "cart") return value;
  const std::size_t owner = value.find(',') + 1;
  const std::size_t items = value.find(',', owner) + 1;
  return fmt::format("Cart{{count={},owner={},items={}}}", value.substr(0, owner - 1),
                     value.substr(owner, items - 1 - owner), with_blanks(value.substr(items)));
}

std::vector<std::string> SessionModel::carts() const {
  std::vector<std::string> all;
  for (const auto& [key, attribute] : attributes_) {
    if (attribute.type == "cart" && attribute.texts.size() < 4) all.push_back(key);
  }
  return all;
}

void SessionModel::set_id(const std::string& id) {
  if (!id_.empty() && random_part(id_) != random_part(id)) former_.push_back(id_);
  id_ = id;
}

void SessionModel::set(const std::string& key, const std::string& type, const std::string& value) {
  attributes_[key] = {type, {shown(type, value)}};
}

void SessionModel::mutate(const std::string& key, const std::string& item) {
  Attribute& cart = attributes_.at(key);
  for (std::string text : std::set(cart.texts)) {
    text.insert(text.size() - 2, ", " + item);
    cart.texts.insert(text);
  }
}

std::string SessionModel::difference(std::string_view info) {
  if (info.find("\"session\":null") != std::string_view::npos) return over_ ? "" : "it is gone";
  if (over_) return "it is still there";
  const auto expect = [&](std::string_view what, std::string_view found, std::string_view wanted) {
    return found == wanted ? std::string()
                           : fmt::format("{} is [{}] instead of [{}]", what, found, wanted);
  };
  const auto created = part(info, "\"creationTime\":", ",");
  if (created_.empty()) created_ = created;
  std::string wrong = expect("creationTime", created, created_);
  wrong += expect("maxInactiveInterval", part(info, "\"maxInactiveInterval\":", ","),
                  std::to_string(interval_));
  wrong +=
      expect("user", part(info, "\"user\":", ","), user_.empty() ? "null" : "\"" + user_ + "\"");
  wrong += expect("isNew", part(info, "\"isNew\":", ","), "false");
  return wrong + attribute_difference(info);
}

std::string SessionModel::attribute_difference(std::string_view info) const {
  const std::string_view all = part(info, "\"attributes\":", "\n");
  std::string wrong;
  std::size_t length = std::string_view("{}}").size() + attributes_.size();
  if (!attributes_.empty()) --length;  // commas between them
  for (const auto& [key, attribute] : attributes_) {
    const std::string start =
        fmt::format("\"{}\":{{\"type\":\"{}\",\"value\":\"", key, java_class_of(attribute.type));
    const std::string value(part(all, start, "\"}"));
    length += start.size() + value.size() + 2;
    if (!attribute.texts.contains(value)) {
      wrong += fmt::format(" [{}] is not [{}];", key, fmt::join(attribute.texts, "] or ["));
    }
  }
  if (length != all.size()) wrong += " there are others;";
  return wrong.empty() ? wrong : wrong + " attributes are " + std::string(all);
}

}  // namespace serval::test
