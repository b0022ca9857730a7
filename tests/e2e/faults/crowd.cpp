#include "tests/e2e/faults/crowd.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tests/support/eventually.h"

namespace serval::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How long a session may be missing before it counts as lost.
constexpr milliseconds kLost{20000};

/// Milliseconds after which a user whose session is not there asks for it again.
constexpr int kAsksAgain = 20;

/// What a look gets when the time of all of them is over: it may have given the session a new id,
/// which is on its way.
constexpr milliseconds kLook{500};

bool has_no_session(const Reply& reply) { return reply.body.starts_with("{\"session\":null"); }

/// The number that op=get shows, -1 without one.
int number_in(const std::string& body) {
  const std::string key = "\"value\":\"";
  const std::size_t at = body.find(key);
  return at == std::string::npos ? -1 : std::atoi(body.c_str() + at + key.size());
}

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
  sessions += other.sessions;
  requests += other.requests;
  refused += other.refused;
  unanswered += other.unanswered;
  silent += other.silent;
  late += other.late;
  lost += other.lost;
  missing += other.missing;
  stale += other.stale;
  revived += other.revived;
  errors += other.errors;
  longest = std::max(longest, other.longest);
  if (example.empty()) example = other.example;
  return *this;
}

std::string text_of(const Tally& t) {
  return fmt::format(
      "{} sessions, {} requests ({} refused, {} unanswered, {} silent, {} errors): {} lost, {} "
      "missing, {} stale, {} revived, {} late; longest wait {} ms",
      t.sessions, t.requests, t.refused, t.unanswered, t.silent, t.errors, t.lost, t.missing,
      t.stale, t.revived, t.late, t.longest.count());
}

void print_row(const std::string& fault, const std::string& manager, const std::string& options,
               std::uint64_t rounds, const Tally& t) {
  fmt::print("| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", fault, manager,
             options, rounds, t.sessions, t.requests, t.lost, t.missing, t.stale, t.revived, t.late,
             t.longest.count());
  fmt::print("  {}{}{}\n", text_of(t), t.example.empty() ? "" : ", the first: ", t.example);
}

Crowd::Crowd(Options options)
    : options_(std::move(options)), random_(options_.seed), users_(options_.users) {
  clients_.resize(options_.nodes.size());
  for (std::size_t i = 0; i < users_.size(); ++i) users_[i].at = i % options_.homes;
}

void Crowd::begin_anew(User& user) {
  const std::size_t at = user.at;
  user = {};
  user.at = at;
}

FastClient& Crowd::client(std::size_t place) {
  auto& one = clients_[place];
  if (!one) one = std::make_unique<FastClient>(options_.nodes[place], options_.patience);
  return *one;
}

void Crowd::note(std::size_t& counter, const std::string& what) {
  ++counter;
  if (tally_.example.empty()) tally_.example = what;
}

void Crowd::run(const std::atomic<bool>& ends) {
  for (std::size_t turn = 0; !ends; ++turn) {
    User& user = users_[turn % users_.size()];
    if (user.stored > 0 && std::bernoulli_distribution(options_.ends)(random_)) {
      end(user);
    } else {
      count(user);
    }
  }
  std::erase_if(users_, [](const User& user) { return user.stored == 0; });
  tally_.sessions += users_.size();
}

/// True if the request is to be made again, elsewhere.
bool Crowd::move_on(User& user, const Reply& reply) {
  if (reply.fate == Fate::kAnswered || reply.fate == Fate::kBroken) return false;
  tally_.refused += reply.fate == Fate::kRefused;
  tally_.unanswered += reply.fate == Fate::kUnanswered;
  tally_.silent += reply.fate == Fate::kSilent;
  user.at = (user.at + 1) % options_.nodes.size();
  return true;
}

void Crowd::count(User& user) {
  const std::string path = fmt::format("/demo/s?op=set&k=n&t=int&v={}&create={}", user.stored + 1,
                                       user.stored == 0 ? 1 : 0);
  const auto begin = steady_clock::now();
  if (user.confirmed == Time{}) user.confirmed = begin;
  while (steady_clock::now() - begin < kLost) {
    const Reply reply = client(user.at).get(path, user.session);
    ++requests_;
    if (!reply.session.empty()) user.session = reply.session;
    if (move_on(user, reply)) {
      if (reply.fate != Fate::kRefused) user.given_up.insert(user.stored + 1);
      continue;
    }
    if (!reply.is_good()) {
      note(tally_.errors, fmt::format("{}: {} {} {}", path, name_of(reply.fate), reply.status,
                                      reply.body.substr(0, 200)));
    } else if (has_no_session(reply)) {
      ++tally_.late;
      ::poll(nullptr, 0, kAsksAgain);
    } else {
      const auto now = steady_clock::now();
      tally_.longest =
          std::max(tally_.longest, std::chrono::ceil<milliseconds>(now - user.confirmed));
      user.confirmed = now;
      ++user.stored;
      return;
    }
  }
  note(tally_.lost, fmt::format("[{}] is nowhere, {} was stored", user.session, user.stored));
  begin_anew(user);
}

void Crowd::end(User& user) {
  const Reply reply = client(user.at).get("/demo/s?op=inv&create=0", user.session);
  ++requests_;
  if (reply.is_good() && !has_no_session(reply)) {
    ended_.insert(user.session);
    ++tally_.sessions;
    begin_anew(user);
  } else if (move_on(user, reply)) {
    begin_anew(user);  // nobody knows whether it lives
  } else if (!reply.is_good()) {
    note(tally_.errors, fmt::format("the end of [{}]: {} {} {}", user.session, name_of(reply.fate),
                                    reply.status, reply.body.substr(0, 200)));
  }
}

bool Crowd::look_for(User& user, FastClient& node, Time limit, milliseconds least) {
  Reply reply;
  int number = 0;
  const auto is_right = [&] {
    reply = node.get("/demo/s?op=get&create=0&k=n", user.session);
    number = number_in(reply.body);
    return number == user.stored || user.given_up.contains(number);
  };
  const auto left = std::chrono::ceil<milliseconds>(limit - steady_clock::now());
  if (eventually(is_right, std::max(left, least))) {
    if (!reply.session.empty()) user.session = reply.session;
    return true;
  }
  const std::string what = fmt::format("[{}] with {}: {} {} {}", user.session, user.stored,
                                       name_of(reply.fate), reply.status, reply.body);
  if (!reply.session.empty()) user.session = reply.session;
  if (number < 0 && !std::exchange(user.is_missing, true)) note(tally_.missing, what);
  if (number >= 0 && !std::exchange(user.is_stale, true)) note(tally_.stale, what);
  return number >= 0;
}

void Crowd::verify(const std::vector<Target>& nodes, milliseconds limit) {
  const auto end = steady_clock::now() + limit;
  const auto least = std::min(limit, kLook);
  std::vector<std::unique_ptr<FastClient>> clients;
  for (const Target& target : nodes) clients.push_back(std::make_unique<FastClient>(target));
  for (User& user : users_) {
    std::size_t found = 0;
    for (const auto& node : clients) found += look_for(user, *node, end, least) ? 1 : 0;
    if (found > 0 || std::exchange(user.is_lost, true)) continue;
    note(tally_.lost, fmt::format("[{}] with {} is nowhere", user.session, user.stored));
  }
  for (const auto& node : clients) {
    std::erase_if(ended_, [&](const std::string& session) {
      const Reply reply = node->get("/demo/s?op=get&create=0&k=n", session);
      const bool is_back = !has_no_session(reply);
      if (is_back) note(tally_.revived, fmt::format("[{}] is back: {}", session, reply.body));
      return is_back;  // it counts once
    });
  }
}

Load::Load(std::size_t threads, Crowd::Options options) {
  for (std::size_t i = 0; i < threads; ++i) {
    ++options.seed;
    crowds_.push_back(std::make_unique<Crowd>(options));
    threads_.emplace_back([this, crowd = crowds_.back().get()] { crowd->run(ends_); });
  }
}

std::size_t Load::requests() const {
  std::size_t sum = 0;
  for (const auto& crowd : crowds_) sum += crowd->requests();
  return sum;
}

bool Load::goes_on(std::size_t more) const {
  const std::size_t wanted = requests() + more;
  return eventually([&] { return requests() >= wanted; });
}

void Load::stop() {
  ends_ = true;
  for (std::thread& one : threads_) one.join();
  threads_.clear();
}

void Load::verify(const std::vector<Target>& nodes, milliseconds limit) {
  for (const auto& crowd : crowds_) crowd->verify(nodes, limit);
}

Tally Load::tally() const {
  Tally sum;
  for (const auto& crowd : crowds_) sum += crowd->tally();
  sum.requests = requests();
  return sum;
}

}  // namespace serval::test
