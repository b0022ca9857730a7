#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "container/realm/combined_realm.h"
#include "container/realm/lock_out_realm.h"
#include "container/realm/realm.h"
#include "container/realm/user_database_realm.h"

namespace serval::core {
namespace {

using Made = Result<std::unique_ptr<Realm>>;

/// In the order of AllRolesMode.
constexpr std::array<std::string_view, 3> kAllRolesModes{"strict", "authOnly", "strictAuthOnly"};

/// Nobody may log in.
class NullRealm final : public Realm {
 public:
  using Options = BaseOptions;
  static std::span<const Attribute<Options>> attributes() {
    static const auto table = realm_attributes<Options>();
    return table;
  }
  explicit NullRealm(Options options) : options_(options) {}
  const BaseOptions& base_options() const override { return options_; }
  PrincipalPtr authenticate(std::string_view, std::string_view) override { return nullptr; }
  PrincipalPtr find(std::string_view) override { return nullptr; }

 private:
  const Options options_;
};

template <class T>
std::vector<RealmRegistry::Description> rows() {
  std::vector<RealmRegistry::Description> all;
  for (const auto& a : T::attributes()) all.push_back({a.name, a.help});
  return all;
}

template <class T>
void add_with_credentials(RealmRegistry& realms, std::string name) {
  realms.add(name, rows<T>(),
             [name](const Element& e, Diagnostics& d, const RealmEnvironment& env) -> Made {
               auto credentials = make_credential_handler(e, d);
               if (!credentials) return std::move(credentials).error();
               return std::make_unique<T>(
                   read_options<typename T::Options>(e, name, T::attributes(), d), env,
                   *std::move(credentials));
             });
}

template <class T>
void add_with_children(RealmRegistry& realms, std::string name) {
  realms.add(
      name, rows<T>(),
      [name, &realms](const Element& e, Diagnostics& d, const RealmEnvironment& env) -> Made {
        std::vector<std::unique_ptr<Realm>> nested;
        for (const Element* child : e.children_named("Realm")) {
          // A failed one is in the diagnostics already, and nothing starts then.
          if (auto made = realms.create(*child, d, env)) nested.push_back(*std::move(made));
        }
        return std::make_unique<T>(read_options<typename T::Options>(e, name, T::attributes(), d),
                                   std::move(nested));
      });
}

}  // namespace

Result<> parse_into(std::string_view text, AllRolesMode& mode) {
  const auto found = std::ranges::find(kAllRolesModes, text);
  if (found != kAllRolesModes.end()) {
    mode = static_cast<AllRolesMode>(found - kAllRolesModes.begin());
    return {};
  }
  return Error{Errc::kInvalidArgument,
               fmt::format("must be one of: {}", fmt::join(kAllRolesModes, ", "))};
}

BeanValue bean_value(AllRolesMode mode) {
  return std::string(kAllRolesModes[static_cast<std::size_t>(mode)]);
}

const Realm::BaseOptions& Realm::base_options() const {
  static const BaseOptions kDefault;
  return kDefault;
}

std::unique_ptr<Bean> Realm::shown_at(Place place) {
  {
    const std::lock_guard lock(mutex_);
    place_ = std::move(place);
  }
  return bean();
}

Realm::Place Realm::place() const {
  const std::lock_guard lock(mutex_);
  return place_;
}

void Realm::set_path(std::string path) {
  const std::lock_guard lock(mutex_);
  place_.path = std::move(path);
}

void register_realms(RealmRegistry& realms) {
  add_with_credentials<UserDatabaseRealm>(realms, "org.apache.catalina.realm.UserDatabaseRealm");
  add_with_credentials<MemoryRealm>(realms, "org.apache.catalina.realm.MemoryRealm");
  add_with_children<CombinedRealm>(realms, "org.apache.catalina.realm.CombinedRealm");
  add_with_children<LockOutRealm>(realms, "org.apache.catalina.realm.LockOutRealm");
  realms.add("org.apache.catalina.realm.NullRealm", rows<NullRealm>(),
             [](const Element& e, Diagnostics& d, const RealmEnvironment&) -> Made {
               return std::make_unique<NullRealm>(read_options<NullRealm::Options>(
                   e, "org.apache.catalina.realm.NullRealm", NullRealm::attributes(), d));
             });
}

}  // namespace serval::core
