#include "container/session/manager_bean.h"

#include <fmt/format.h>

#include "container/servlet/serval/error.h"
#include "container/session/java_text.h"

namespace serval::core {

namespace {
/// A counter of Manager::Counters, which may be set.
void add_counter(BeanTable<Manager>& table, std::string name,
                 std::atomic<std::int64_t> Manager::Counters::*field) {
  table.write(
      std::move(name), [field](const Manager& m) { return (m.counters().*field).load(); },
      [field](Manager& m, std::int64_t value) { (m.counters().*field).store(value); });
}

std::string session_text(const Manager& manager, const StandardSession& session) {
  return fmt::format("{}[{}]", manager.session_class(), session.id());
}

/// What `tell` says of a session that is known and valid, `otherwise` of any other.
template <class Tell>
BeanValue about(Manager& manager, const std::string& id, BeanValue otherwise, Tell&& tell) {
  const auto session = manager.session(id);
  if (!session) return otherwise;
  try {
    return tell(*session);
  } catch (const IllegalStateException&) {
    return otherwise;  // it has ended meanwhile
  }
}

void add_operations(BeanTable<Manager>& table) {
  using Arguments = Bean::Arguments;
  using Answer = Result<BeanValue>;
  const auto add = [&table](std::string_view name, std::size_t arguments, auto call) {
    table.operations.push_back({name, arguments, call});
  };
  add("listSessionIds", 0, [](Manager& m, Arguments) -> Answer {
    std::string ids;
    for (const auto& session : m.sessions()) ids += session->id() + " ";
    return BeanValue(std::move(ids));
  });
  add("findSession", 1, [](Manager& m, Arguments a) -> Answer {
    return about(m, a[0], {}, [&](auto& session) { return BeanValue(session_text(m, session)); });
  });
  add("findSessions", 0, [](Manager& m, Arguments) -> Answer {
    BeanList all{"org.apache.catalina.Session", {}};
    for (const auto& session : m.sessions()) all.items.push_back(session_text(m, *session));
    return BeanValue(std::move(all));
  });
  add("getSessionAttribute", 2, [](Manager& m, Arguments a) -> Answer {
    return about(m, a[0], {}, [&](auto& session) {
      const Value value = session.attribute(a[1]);
      return value.is_null() ? BeanValue() : BeanValue(java_text(value));
    });
  });
  add("getCreationTime", 1, [](Manager& m, Arguments a) -> Answer {
    return about(m, a[0], std::string(),
                 [](auto& s) { return BeanValue(java_date_text(s.creation_time())); });
  });
  add("getLastAccessedTime", 1, [](Manager& m, Arguments a) -> Answer {
    return about(m, a[0], std::string(),
                 [](auto& s) { return BeanValue(java_date_text(s.last_accessed_time())); });
  });
  add("getThisAccessedTime", 1, [](Manager& m, Arguments a) -> Answer {
    return about(m, a[0], std::string(),
                 [](auto& s) { return BeanValue(java_date_text(s.this_accessed_time())); });
  });
  add("expireSession", 1, [](Manager& m, Arguments a) -> Answer {
    return about(m, a[0], {}, [](auto& session) {
      session.expire(true);
      return BeanValue();
    });
  });
  table.run("processExpires", [](Manager& m) { m.process_expires(); });
}

BeanTable<Manager> make_table() {
  BeanTable<Manager> table{"", {}, {}};
  table.read("className", [](const Manager& m) { return std::string(m.class_name()); })
      .read("stateName", [](const Manager& m) { return std::string(state_name(m.state())); })
      .read("name", [](const Manager& m) { return m.shown_name(); })
      .read("activeSessions",
            [](const Manager& m) { return static_cast<int>(m.active_sessions()); })
      .write(
          "maxActiveSessions", [](const Manager& m) { return m.max_active_sessions(); },
          [](Manager& m, int value) { m.set_max_active_sessions(value); })
      .write(
          "processExpiresFrequency", [](const Manager& m) { return m.process_expires_frequency(); },
          [](Manager& m, int value) { m.set_process_expires_frequency(value); })
      .read("rejectedSessions",
            [](const Manager& m) { return static_cast<int>(m.counters().rejected.load()); })
      .read("sessionAverageAliveTime",
            [](const Manager& m) { return m.recently_ended().average_seconds(); });
  using Counters = Manager::Counters;
  add_counter(table, "sessionCounter", &Counters::created);
  add_counter(table, "expiredSessions", &Counters::expired);
  add_counter(table, "duplicates", &Counters::duplicates);
  add_counter(table, "maxActive", &Counters::max_active);
  add_counter(table, "processingTime", &Counters::processing_ms);
  add_counter(table, "sessionMaxAliveTime", &Counters::max_alive_seconds);
  add_operations(table);
  return table;
}
}  // namespace

const BeanTable<Manager>& manager_table() {
  static const auto table = make_table();
  return table;
}

const BeanTable<Manager>& local_manager_table() {
  static const auto table = [] {
    BeanTable<Manager> made = manager_table();
    made.read("jvmRoute",
              [](const Manager& m) {
                return m.jvm_route().empty() ? BeanValue() : BeanValue(m.jvm_route());
              })
        .read("sessionCreateRate",
              [](const Manager& m) { return m.recently_created().per_minute(m.clock().wall_ms()); })
        .read("sessionExpireRate",
              [](const Manager& m) { return m.recently_ended().per_minute(m.clock().wall_ms()); });
    return made;
  }();
  return table;
}

std::unique_ptr<Bean> Manager::bean(std::string_view place) {
  return make_bean(*this, manager_table(), resource(place));
}

std::string Manager::resource(std::string_view place) const {
  return fmt::format("{}[{}]", class_name().substr(class_name().rfind('.') + 1), place);
}

}  // namespace serval::core
