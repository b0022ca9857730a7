#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fast_client.h"

namespace serval::test {

/// What users saw of a fault.
struct Tally {
  std::size_t sessions = 0, requests = 0;
  std::size_t refused = 0, unanswered = 0, silent = 0;
  std::size_t late = 0;     // answers without the session, which was there a moment later
  std::size_t lost = 0;     // sessions that no node has any more
  std::size_t missing = 0;  // that not every node knows
  std::size_t stale = 0;    // of which a node shows an older value than the confirmed one
  std::size_t revived = 0;  // that were ended and are back on a node
  std::size_t errors = 0;   // other answers than 200, broken answers
  std::chrono::milliseconds longest{0};  // from one confirmed request of a user to the next
  std::string example;                   // of what went wrong

  Tally& operator+=(const Tally& other);
};
std::string text_of(const Tally& tally);
/// A row for tests/support/soak_table.sh, and below it what it says, with an example.
void print_row(const std::string& fault, const std::string& manager, const std::string& options,
               std::uint64_t rounds, const Tally& tally);

/// Users of the demo application, each with a session in which a number is stored that grows, and a
/// balancer that keeps a user on his node and goes on to the next one when that does not answer.
///
/// Threads: each object is used by one at a time.
class Crowd {
 public:
  struct Options {
    std::vector<Target> nodes;  // in the order in which the balancer tries them
    std::size_t homes = 1;      // users begin on so many of the first ones
    std::size_t users = 20;
    std::chrono::milliseconds patience{5000};  // with a node that does not answer
    double ends = 0.01;  // how often a user ends his session and begins another one
    std::uint64_t seed = 1;
  };
  explicit Crowd(Options options);

  /// Requests, one after the other, until told to end.
  void run(const std::atomic<bool>& ends);
  /// Looks for all sessions on nodes that run; each counts once. What was sent may take `limit` to
  /// arrive.
  void verify(const std::vector<Target>& nodes, std::chrono::milliseconds limit);

  const Tally& tally() const { return tally_; }
  std::size_t requests() const { return requests_; }

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct User {
    std::string session;
    int stored = 0;          // the last number that was confirmed
    std::set<int> given_up;  // numbers of requests without an answer, which may arrive at any time
    std::size_t at = 0;      // his node
    Time confirmed{};        // when
    bool is_lost = false, is_missing = false, is_stale = false;
  };
  void count(User& user);
  void end(User& user);
  /// Another session, on the same node.
  static void begin_anew(User& user);
  bool move_on(User& user, const Reply& reply);
  /// False if the node has no session of his.
  bool look_for(User& user, FastClient& node, Time limit, std::chrono::milliseconds least);
  void note(std::size_t& counter, const std::string& what);
  FastClient& client(std::size_t place);

  const Options options_;
  std::mt19937_64 random_;
  std::vector<std::unique_ptr<FastClient>> clients_;
  std::vector<User> users_;
  std::set<std::string> ended_;  // sessions
  std::atomic<std::size_t> requests_{0};
  Tally tally_;
};

/// Crowds with a thread each, from now until stop().
class Load {
 public:
  Load(std::size_t threads, Crowd::Options options);
  ~Load() { stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  std::size_t requests() const;
  /// Waits until there were so many more answers. False if that takes too long.
  bool goes_on(std::size_t requests) const;
  void stop();
  /// Requires: stopped.
  void verify(const std::vector<Target>& nodes, std::chrono::milliseconds limit);
  Tally tally() const;

 private:
  std::atomic<bool> ends_{false};
  std::vector<std::unique_ptr<Crowd>> crowds_;
  std::vector<std::thread> threads_;
};

}  // namespace serval::test
