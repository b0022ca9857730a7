#include <algorithm>

#include "container/base/executor_impl.h"
#include "container/base/log.h"

namespace serval {
namespace {
const Log kLog{"serval.base.Executor"};
constexpr int kQuietRounds = 200;  // this many rounds without a request, then sleep until one comes
}  // namespace

void Executor::Impl::watch() {
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Seen {
    std::uint64_t word = 0;
    SteadyTime since;
  };
  set_thread_name(options.name + "-monitor");
  const auto round = std::max(std::chrono::milliseconds(1), options.stall_limit / 2);
  std::vector<Seen> seen(shards.size());
  int quiet_rounds = 0;
  std::unique_lock lock(monitor_mutex);
  const auto stop_asked = [this] { return monitor_stopping; };
  while (!monitor_wake.wait_for(lock, round, stop_asked)) {
    bool quiet = true;
    const SteadyTime now = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < shards.size(); ++i) {
      const std::uint64_t word = shards[i]->word.load(std::memory_order_acquire);
      if (word != seen[i].word) {
        seen[i] = {word, now};
        quiet = false;
      } else if (word & Word::kBusy) {
        quiet = false;
        if (now - seen[i].since >= options.stall_limit) take_from_stalled(*shards[i], word);
      }
    }
    quiet_rounds = quiet ? quiet_rounds + 1 : 0;
    if (!quiet) {
      monitor_sleeps = false;
    } else if (quiet_rounds == kQuietRounds) {
      // One more round after the flag is up: a request that missed the flag is seen by then.
      monitor_sleeps = true;
    } else if (quiet_rounds > kQuietRounds) {
      monitor_wake.wait(lock, [this] { return monitor_stopping || !monitor_sleeps; });
      quiet_rounds = 0;
    }
  }
}

void Executor::Impl::wake_monitor() {
  {
    const std::lock_guard lock(monitor_mutex);
    monitor_sleeps = false;
  }
  monitor_wake.notify_one();
}

void Executor::Impl::take_from_stalled(Shard& shard, std::uint64_t word) {
  if (!shard.word.compare_exchange_strong(word, Word::with_owner(word, 0),
                                          std::memory_order_acq_rel)) {
    return;  // the handler came to its end, or gave the loop away itself
  }
  kLog.debug("{}: a request holds {}-{} for more than {} ms, its loop goes to another thread",
             options.name, options.name, Word::owner(word), options.stall_limit.count());
  find_runner(shard);
}

}  // namespace serval
