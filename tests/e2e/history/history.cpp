#include "tests/e2e/history/history.h"

#include <fmt/format.h>

#include <algorithm>

namespace serval::test {
namespace {

constexpr std::size_t kSessions = 5;
/// What a quiet point waits for nodes to agree: they should by the time of the last answer, but for
/// what a lost node left to be done.
constexpr std::chrono::seconds kQuiet{5};

const std::vector<std::string> kKeys{"a", "b", "c", "d"};

}  // namespace

std::string History::run() {
  create();
  for (std::size_t left = 15 + below(25); left > 0 && difference_.empty(); --left) {
    step();
    if (left % 6 == 0) quiet_point();
  }
  quiet_point();
  bring_back();
  quiet_point();
  for (SessionModel& session : sessions_) {
    if (difference_.empty() && !session.is_over() && chance(0.7)) invalidate(session);
  }
  quiet_point();
  return difference_;
}

std::string History::trace() const { return fmt::format("  {}\n", fmt::join(trace_, "\n  ")); }

void History::step() {
  if (rules_.nodes_change && chance(0.008)) return change_nodes();
  SessionModel* const session = any();
  if (!session || (sessions_.size() < kSessions && chance(0.1))) return create();
  switch (below(24)) {
    case 0:
      return change_id(*session);
    case 1:
      return chance(0.3) ? invalidate(*session) : look(*session);
    case 2:
      return set_interval(*session);
    case 3:
    case 4:
      return log_in(*session);
    case 5:
      return log_out(*session);
    case 6:
    case 7:
      return mutate(*session);
    case 8:
    case 9:
    case 10:
      return remove(*session);
    case 11:
    case 12:
    case 13:
      return look(*session);
    default:
      return set(*session);
  }
}

SessionModel* History::any() {
  std::vector<SessionModel*> alive;
  for (SessionModel& one : sessions_) {
    if (!one.is_over()) alive.push_back(&one);
  }
  return alive.empty() ? nullptr : one_of(alive);
}

Reply History::ask(SessionModel& session, const std::string& query, const std::string& path,
                   const std::string& headers) {
  const Place place = one_of(nodes_.up());
  const std::string url = path + "?" + query;
  if (rules_.is_bridged && !session.id().empty()) {
    std::string wrong;
    eventually([&] { return (wrong = compare(place, session)).empty(); }, kQuiet);
    if (!wrong.empty()) fail("before " + url + ": " + wrong);
  }
  Reply reply = nodes_.get(place, url, session.id(), headers);
  trace_.push_back(fmt::format("{} to {}: {} -> {} {} {}", session.name(),
                               nodes_.node(place).options().name, url, name_of(reply.fate),
                               reply.status, reply.session));
  if (!reply.is_good()) {
    fail(fmt::format("{}: {} {} {}", trace_.back(), name_of(reply.fate), reply.status,
                     reply.body.substr(0, 500)));
  } else if (reply.body.starts_with("{\"session\":null")) {
    fail(trace_.back() + ": there is no such session");
  }
  if (!reply.session.empty()) session.set_id(reply.session);
  return reply;
}

void History::create() {
  sessions_.emplace_back(fmt::format("s{}", sessions_.size() + 1));
  SessionModel& session = sessions_.back();
  const std::string value = fmt::format("v{}", ++values_);
  ask(session, "op=set&k=a&t=string&v=" + value);
  session.set("a", "string", value);
}

void History::set(SessionModel& session) {
  static const std::vector<std::string> types{"string", "int",  "long", "bool", "double",
                                              "bytes",  "list", "date", "cart", "cart"};
  const std::string& type = one_of(types);
  const int number = ++values_;
  std::string value = std::to_string(number);
  if (type == "string") value = "v" + value;
  if (type == "long" || type == "date") value = "90000" + value + "000000";
  if (type == "bool") value = number % 2 == 0 ? "true" : "false";
  if (type == "double") value += ".5";
  if (type == "bytes") value = fmt::format("{:08x}", number * 2654435761U);
  if (type == "list") value = fmt::format("l{},x,y", value);
  if (type == "cart") value = fmt::format("{},ann,pen", value);
  const std::string& key = one_of(kKeys);
  ask(session, fmt::format("op=set&create=0&k={}&t={}&v={}", key, type, value));
  session.set(key, type, value);
}

void History::remove(SessionModel& session) {
  const std::string& key = one_of(kKeys);  // it may not be there
  ask(session, "op=del&create=0&k=" + key);
  session.remove(key);
}

void History::mutate(SessionModel& session) {
  const auto carts = session.carts();
  if (carts.empty()) return set(session);
  const std::string key = one_of(carts);
  const std::string item = fmt::format("i{}", ++values_);
  ask(session, fmt::format("op=mutate&create=0&k={}&v={}", key, item));
  session.mutate(key, item);
}

void History::change_id(SessionModel& session) { ask(session, "op=cid&create=0"); }

void History::set_interval(SessionModel& session) {
  const int seconds = 300 + static_cast<int>(below(3000));
  ask(session, fmt::format("op=maxi&create=0&v={}", seconds));
  session.set_interval(seconds);
}

void History::log_in(SessionModel& session) {
  const bool by_api = chance(0.3);
  if (by_api && !session.user().empty()) return look(session);  // it would be an error
  const bool is_bob = chance(0.5);
  if (by_api) {
    ask(session, is_bob ? "op=login&k=bob&v=builder" : "op=login&k=alice&v=wonder");
  } else {
    ask(session, "op=info&create=0", "/demo/secure/s",
        is_bob ? "Authorization: Basic Ym9iOmJ1aWxkZXI=\r\n"
               : "Authorization: Basic YWxpY2U6d29uZGVy\r\n");
  }
  if (session.user().empty()) session.log_in(is_bob ? "bob" : "alice");
}

void History::log_out(SessionModel& session) {
  ask(session, "op=logout");
  session.log_out();
}

void History::invalidate(SessionModel& session) {
  ask(session, "op=inv&create=0");
  session.end();
}

void History::look(SessionModel& session) {
  const std::string info = ask(session, "op=info&create=0").body;
  if (!difference_.empty()) return;
  if (const std::string wrong = session.difference(info); !wrong.empty()) {
    fail(trace_.back() + ": " + wrong);
  }
}

void History::change_nodes() {
  quiet_point();  // so that a loss takes nothing with it that is not confirmed
  if (const auto down = nodes_.down(); !down.empty()) {
    const Place place = one_of(down);
    trace_.push_back("start " + nodes_.node(place).options().name);
    nodes_.start(place);
  } else {
    std::vector<Place> candidates = nodes_.up();
    std::erase_if(candidates,
                  [&](Place one) { return std::ranges::count(rules_.must_run, one) > 0; });
    if (candidates.empty()) return;
    const Place place = one_of(candidates);
    const bool crash = chance(0.5);
    trace_.push_back((crash ? "kill " : "stop ") + nodes_.node(place).options().name);
    crash ? nodes_.kill(place) : nodes_.stop(place);
  }
  if (!nodes_.settle()) fail(trace_.back() + ": the nodes do not find each other");
}

void History::bring_back() {
  for (const Place place : nodes_.down()) {
    trace_.push_back("start " + nodes_.node(place).options().name);
    nodes_.start(place);
    if (!nodes_.settle()) fail(trace_.back() + ": the nodes do not find each other");
  }
}

std::string History::compare(Place place, SessionModel& session) {
  const Reply reply = nodes_.get(place, "/demo/s?op=info&create=0", session.id());
  if (!reply.session.empty()) session.set_id(reply.session);
  if (!reply.is_good()) return fmt::format("{} {}", name_of(reply.fate), reply.status);
  std::string wrong = session.difference(reply.body);
  for (const std::string& id : session.former_ids()) {
    const Reply old = nodes_.get(place, "/demo/s?op=info&create=0", id);
    if (!old.body.starts_with("{\"session\":null")) wrong += " the old id is known: " + old.body;
  }
  return wrong;
}

void History::quiet_point() {
  if (!difference_.empty()) return;
  trace_.push_back("quiet");
  std::vector<Place> places = nodes_.up();
  std::ranges::shuffle(places, random_);
  for (SessionModel& session : sessions_) {
    for (const Place place : places) {
      std::string wrong;
      if (eventually([&] { return (wrong = compare(place, session)).empty(); }, kQuiet)) continue;
      return fail(fmt::format("{} [{}] on {}: {}", session.name(), session.id(),
                              nodes_.node(place).options().name, wrong));
    }
  }
}

}  // namespace serval::test
