#include "tests/scenario/fake_network.h"

#include <memory>

namespace serval::scenario {

bool Simulation::step(milliseconds end) {
  if (events_.empty() || events_.begin()->first.first > end) return false;
  const auto event = events_.extract(events_.begin());
  clock_.advance(event.key().first - now_);
  now_ = event.key().first;
  event.mapped()();
  return true;
}

void Simulation::run_for(milliseconds duration) {
  const milliseconds end = now_ + duration;
  while (step(end)) {
  }
  clock_.advance(end - now_);
  now_ = end;
}

bool Simulation::run_until(const std::function<bool()>& condition, milliseconds limit) {
  const milliseconds end = now_ + limit;
  while (!condition()) {
    if (!step(end)) return condition();
  }
  return true;
}

bool FakeNetwork::connected(int a, int b) const {
  const auto island = [this](int node) {
    const auto at = islands_.find(node);
    return at == islands_.end() ? 0 : at->second;
  };
  return !dead_.contains(a) && !dead_.contains(b) && island(a) == island(b);
}

milliseconds FakeNetwork::delay() {
  const auto range = (weather.max_delay - weather.min_delay).count() + 1;
  return weather.min_delay + milliseconds(simulation_.pick(static_cast<std::size_t>(range)));
}

void FakeNetwork::arrives_after(milliseconds delay, std::function<void()> arrive) {
  ++on_their_way_;
  simulation_.at(delay, [this, arrive = std::move(arrive)] {
    arrive();  // what it sends is on its way before this has ended
    --on_their_way_;
  });
}

void FakeNetwork::broadcast(int from, const std::vector<int>& to,
                            const std::function<void(const std::vector<int>&)>& deliver) {
  std::map<milliseconds, std::vector<int>> arrivals;
  for (const int receiver : to) {
    if (!simulation_.chance(weather.loss)) arrivals[delay()].push_back(receiver);
    if (simulation_.chance(weather.duplicate)) arrivals[delay()].push_back(receiver);
  }
  for (auto& [after, receivers] : arrivals) {
    simulation_.at(after, [this, from, deliver, all = std::move(receivers)]() mutable {
      std::erase_if(all, [&](int receiver) { return !connected(from, receiver); });
      deliver(all);
    });
  }
}

void FakeNetwork::send(int from, int to, std::function<void()> deliver,
                       std::function<void(bool)> done) {
  const bool lost = simulation_.chance(weather.loss);
  const bool acknowledged = !lost && !simulation_.chance(weather.ack_loss);
  const milliseconds there = delay();
  const auto arrived = std::make_shared<bool>(false);
  const auto arrive = [this, from, to, arrived, deliver = std::move(deliver)] {
    if (!connected(from, to)) return;
    *arrived = true;
    deliver();
  };
  if (!lost) {
    arrives_after(there, arrive);
    if (simulation_.chance(weather.duplicate)) arrives_after(there + delay(), arrive);
  }
  const milliseconds back = acknowledged ? there + delay() : timeout;
  arrives_after(back, [this, from, to, acknowledged, arrived, done = std::move(done)] {
    if (dead_.contains(from)) return;
    done(acknowledged && *arrived && connected(from, to));
  });
}

}  // namespace serval::scenario
