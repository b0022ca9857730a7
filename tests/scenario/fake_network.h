// tests/scenario/fake_network.h
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "tests/support/manual_clock.h"

namespace serval::scenario {

using std::chrono::milliseconds;

/// What happens when, in simulated time. One seed, one story.
class Simulation {
 public:
  explicit Simulation(std::uint64_t seed) : random_(seed) {}

  const Clock& clock() const { return clock_; }
  milliseconds now() const { return now_; }
  void at(milliseconds delay, std::function<void()> work) {
    events_.emplace(std::pair(now_ + delay, ++count_), std::move(work));
  }
  void run_for(milliseconds duration);
  /// Runs until the condition holds; false after `limit`.
  bool run_until(const std::function<bool()>& condition, milliseconds limit);

  /// 0 .. below - 1.
  std::size_t pick(std::size_t below) { return below == 0 ? 0 : random_() % below; }
  bool chance(double probability) {
    return static_cast<double>(random_() % 1'000'000) < probability * 1e6;
  }

 private:
  bool step(milliseconds end);

  serval::test::ManualClock clock_;
  milliseconds now_{0};
  std::uint64_t count_ = 0;
  std::map<std::pair<milliseconds, std::uint64_t>, std::function<void()>> events_;
  std::mt19937_64 random_;
};

/// Carries messages between nodes, which are numbers, and tells who can reach whom.
class FakeNetwork {
 public:
  struct Weather {
    double loss = 0;       // of a message
    double ack_loss = 0;   // of its acknowledgement: the sender believes it was lost
    double duplicate = 0;  // it arrives twice
    milliseconds min_delay{1}, max_delay{3};  // different delays reorder
  };
  explicit FakeNetwork(Simulation& simulation) : simulation_(simulation) {}

  Weather weather;
  /// How long a sender waits for an acknowledgement.
  milliseconds timeout{3000};

  /// `deliver` happens on arrival, maybe not at all, maybe twice; `done` once.
  void send(int from, int to, std::function<void()> deliver, std::function<void(bool)> done);

  /// A datagram to each of them: lost, late or twice as the weather is, and nobody hears of it.
  /// `deliver` gets those that it reaches at one time.
  void broadcast(int from, const std::vector<int>& to,
                 const std::function<void(const std::vector<int>&)>& deliver);

  void kill(int node) { dead_.insert(node); }
  /// Nodes of different islands do not reach each other.
  void set_island(int node, int island) { islands_[node] = island; }
  void heal() { islands_.clear(); }
  bool connected(int a, int b) const;
  /// No message of send() and no acknowledgement is on its way.
  bool is_at_rest() const { return on_their_way_ == 0; }

 private:
  milliseconds delay();
  void arrives_after(milliseconds delay, std::function<void()> arrive);
  Simulation& simulation_;
  std::size_t on_their_way_ = 0;
  std::set<int> dead_;
  std::map<int, int> islands_;
};

}  // namespace serval::scenario
