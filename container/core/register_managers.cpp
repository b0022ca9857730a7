#include "container/core/register_managers.h"

#include "container/session/file_store.h"
#include "container/session/jdbc_store.h"
#include "container/session/persistent_manager.h"
#include "container/session/session_id_generator.h"
#include "container/session/standard_manager.h"

namespace serval::core {
namespace {

using Made = Result<std::unique_ptr<Manager>>;

/// Of a PersistentManager without a Store element, which works in memory only, as in Tomcat.
class NoStore final : public Store {
 public:
  Result<> open(const StorePlace&) override { return {}; }
  Result<std::vector<std::string>> ids() override { return none(); }
  Result<std::vector<std::string>> ids_over_time(std::int64_t) override { return none(); }
  Result<std::optional<StoredSession>> load(std::string_view) override { return none(); }
  Result<> save(const StoredSession&, const LeftOut&) override { return none(); }
  Result<> remove(std::string_view) override { return {}; }
  std::string_view simple_name() const override { return "PersistentManager"; }

 private:
  static Error none() { return {Errc::kIo, "No Store configured, persistence disabled"}; }
};

template <class T, class Kind = Manager>
auto rows() {
  std::vector<typename Registry<Kind>::Description> rows;
  for (const auto& row : T::attributes()) rows.push_back({row.name, row.help});
  return rows;
}

template <class T>
typename T::Options options_of(const Element& element, std::string_view class_name,
                               Diagnostics& diagnostics) {
  auto options = read_options(element, class_name, T::attributes(), diagnostics);
  read_session_id_generator(element, options, diagnostics);
  return options;
}

/// `class_name`: with the package, which ends where the simple name begins.
void add_jdbc_store(Registry<Store>& stores, std::string_view class_name) {
  stores.add(class_name, rows<JdbcStore, Store>(),
             [class_name](const Element& e, Diagnostics& d) -> Result<std::unique_ptr<Store>> {
               auto options = read_options(e, class_name, JdbcStore::attributes(), d);
               if (auto fit = JdbcStore::check(options); !fit) {
                 return Error{fit.error().code, fmt::format("{}: {}", e.path, fit.error().message)};
               }
               return std::make_unique<JdbcStore>(std::move(options),
                                                  class_name.substr(class_name.rfind('.') + 1));
             });
}

}  // namespace

void register_managers(Registries& registries) {
  constexpr std::string_view kStandard = "org.apache.catalina.session.StandardManager";
  constexpr std::string_view kPersistent = "org.apache.catalina.session.PersistentManager";
  registries.stores.add<FileStore>("org.apache.catalina.session.FileStore");
  add_jdbc_store(registries.stores, "org.apache.catalina.session.JDBCStore");
  add_jdbc_store(registries.stores, "org.apache.catalina.session.DataSourceStore");
  registries.managers.add(
      kStandard, rows<StandardManager>(), [kStandard](const Element& e, Diagnostics& d) -> Made {
        return std::make_unique<StandardManager>(options_of<StandardManager>(e, kStandard, d));
      });
  registries.managers.add(
      kPersistent, rows<PersistentManager>(),
      [kPersistent, &stores = registries.stores](const Element& e, Diagnostics& d) -> Made {
        std::unique_ptr<Store> store = std::make_unique<NoStore>();
        if (const Element* const child = e.child("Store")) {
          auto made = stores.create(*child, d);
          if (!made) return std::move(made).error();
          store = *std::move(made);
        }
        return std::make_unique<PersistentManager>(options_of<PersistentManager>(e, kPersistent, d),
                                                   std::move(store));
      });
}

}  // namespace serval::core
