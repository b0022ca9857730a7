// tests/support/one_user_realm.h
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "container/realm/realm.h"

namespace serval::test {

/// ann:secret has the role a.
class OneUser final : public core::Realm {
 public:
  core::PrincipalPtr authenticate(std::string_view user, std::string_view password) override {
    ++asked;
    return user == "ann" && password == right_password ? find(user) : nullptr;
  }
  core::PrincipalPtr find(std::string_view user) override {
    return std::make_shared<core::Principal>(core::Principal{std::string(user), {}, {"a"}});
  }
  std::string right_password = "secret";
  int asked = 0;
};

}  // namespace serval::test
