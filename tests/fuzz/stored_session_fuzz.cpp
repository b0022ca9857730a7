// Any bytes as a .session file, as the data of a row and as a SESSIONS.ser; a manager takes the
// session, uses it and saves it again.
#include <cstdlib>

#include "container/session/persistent_manager.h"
#include "tests/support/no_log.h"
#include "tests/unit/container/session/test_owner.h"

namespace serval::core {
namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

/// Keeps one session, as its bytes.
class OneSession final : public Store {
 public:
  Result<> open(const StorePlace&) override { return {}; }
  Result<std::vector<std::string>> ids() override { return std::vector<std::string>(); }
  Result<std::vector<std::string>> ids_over_time(std::int64_t) override { return ids(); }
  Result<std::optional<StoredSession>> load(std::string_view) override {
    auto session = decode_stored_session(bytes);
    if (!session) return session.error();
    return std::optional(*std::move(session));
  }
  Result<> save(const StoredSession& session, const LeftOut& left_out) override {
    bytes = encode_stored_session(session, left_out);
    return {};
  }
  Result<> remove(std::string_view) override { return {}; }
  std::string_view simple_name() const override { return "OneSession"; }

  Bytes bytes;
};

struct Node {
  Node() {
    serval::test::log_nothing();
    auto made = std::make_unique<OneSession>();
    store = made.get();
    PersistentManager::Options options;
    options.persist_authentication = true;
    manager = std::make_unique<PersistentManager>(options, std::move(made), clock);
    manager->set_owner(owner);
    expect(manager->start().has_value());
  }
  serval::test::ManualClock clock;
  test::TestOwner owner;
  OneSession* store;
  std::unique_ptr<PersistentManager> manager;
};

/// What is saved of a session that was read is read again.
void check_manager(const StoredSession& stored, Bytes bytes) {
  static Node node;
  node.store->bytes = std::move(bytes);
  if (const auto session = node.manager->find_session(stored.head.id); session) {
    expect(session->access());
    session->set_attribute("fuzz", Value("was here"));
    session->end_access();
    expect(node.manager->save_and_release(*session));
    const auto again = decode_stored_session(node.store->bytes);
    expect(again.has_value() && again->head.id == stored.head.id);
  }
  for (const auto& session : node.manager->sessions()) session->expire(true);
  node.owner.events.clear();
}

void check_session(std::span<const std::uint8_t> stream) {
  const auto head = decode_stored_head(stream);
  const auto session = decode_stored_session(stream);
  if (!session) return;
  expect(head.has_value() && head->id == session->head.id);
  head->is_over(session->head.last_accessed_time);
  std::size_t left_out = 0;
  const Bytes bytes =
      encode_stored_session(*session, [&](auto&, std::string_view, const Error&) { ++left_out; });
  const auto again = decode_stored_session(bytes);
  expect(again.has_value() && again->head.id == session->head.id &&
         again->attributes.size() + again->unreadable.size() == session->attributes.size() &&
         again->unreadable.size() <= left_out);
  check_manager(*session, bytes);
}

void check_sessions(std::span<const std::uint8_t> stream) {
  std::vector<StoredSession> sessions;
  if (!read_stored_sessions(stream, [&](auto&& s) { sessions.push_back(std::move(s)); })) return;
  std::size_t again = 0;
  const Bytes bytes = encode_stored_sessions(sessions, {});
  expect(read_stored_sessions(bytes, [&](auto&&) { ++again; }).has_value());
  expect(again == sessions.size());
}

}  // namespace
}  // namespace serval::core

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  serval::core::check_session({data, size});
  serval::core::check_sessions({data, size});
  return 0;
}
