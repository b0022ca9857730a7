#pragma once
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/e2e/history/session_model.h"
#include "tests/support/node_group.h"

namespace serval::test {

/// A story that a seed decides: users create, change and end sessions on any node, nodes are
/// killed, stopped and started; after quiet points every node must show every session as the model
/// has it.
class History {
 public:
  struct Rules {
    bool nodes_change = true;           // kill, stop, restart
    std::vector<std::size_t> must_run;  // nodes that are left alone
    /// Tomcats of two generations in one map: that one of them took a session is heard by the other
    /// through Serval, a moment after the answer.
    bool is_bridged = false;
  };
  History(NodeGroup& nodes, Rules rules, std::uint64_t seed)
      : nodes_(nodes), rules_(std::move(rules)), random_(seed) {}

  /// What differs, "" if nothing does. Afterwards all nodes run again.
  std::string run();
  /// What was done, one line each.
  std::string trace() const;

 private:
  using Place = std::size_t;
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(all.size())];
  }
  bool chance(double probability) { return std::bernoulli_distribution(probability)(random_); }

  void step();
  void create();
  void set(SessionModel& session);
  void remove(SessionModel& session);
  void mutate(SessionModel& session);
  void change_id(SessionModel& session);
  void set_interval(SessionModel& session);
  void log_in(SessionModel& session);
  void log_out(SessionModel& session);
  void invalidate(SessionModel& session);
  void look(SessionModel& session);
  void change_nodes();
  void bring_back();

  /// A request of the session to any node that runs. Fails the story unless the answer is good.
  Reply ask(SessionModel& session, const std::string& query, const std::string& path = "/demo/s",
            const std::string& headers = {});
  void quiet_point();
  std::string compare(Place place, SessionModel& session);
  void fail(const std::string& what) {
    if (difference_.empty()) difference_ = what;
  }
  SessionModel* any();

  NodeGroup& nodes_;
  const Rules rules_;
  std::mt19937_64 random_;
  std::vector<SessionModel> sessions_;
  std::vector<std::string> trace_;
  std::string difference_;
  int values_ = 0;
};

}  // namespace serval::test
