// container/servlet/serval/cookie.h
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace serval {

/// A cookie. Received ones have name and value only.
struct Cookie {
  std::string name, value;
  std::string path, domain;     // empty = not sent
  std::optional<long> max_age;  // seconds; 0 deletes
  bool secure = false;
  bool http_only = false;
  std::string same_site;            // "Strict", "Lax", "None"; empty: as the CookieProcessor says
  std::optional<bool> partitioned;  // unset: as the CookieProcessor says
  std::vector<std::pair<std::string, std::string>> attributes;  // others
};

}  // namespace serval
