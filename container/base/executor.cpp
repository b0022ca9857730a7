#include "container/base/executor.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <system_error>

#include "container/base/error.h"
#include "container/base/executor_impl.h"
#include "container/base/log.h"

namespace serval {
namespace {

const Log kLog{"serval.base.Executor"};

// Several threads may call into the context (one of them runs the loop). With a hint of 1 Asio
// would keep what a thread posts in that thread's private queue until its handler returns, and wake
// nobody: lost for as long as a handler blocks.
constexpr int kConcurrencyHint = 2;

constexpr std::size_t kMostThreads = 0xfffe;
// A lack of threads is over when no shard has waited for this long.
constexpr std::chrono::seconds kEpisode{60};

Executor::Options checked(Executor::Options options) {
  options.max_threads = std::clamp<std::size_t>(options.max_threads, 1, kMostThreads);
  if (options.shards == 0) options.shards = std::max(1U, std::thread::hardware_concurrency());
  options.shards = std::min(options.shards, options.max_threads);
  return options;
}

}  // namespace

thread_local Executor::Impl::Worker* Executor::Impl::current = nullptr;
thread_local Executor::Impl* Executor::Impl::current_impl = nullptr;

Executor::Impl::Shard::Shard()
    : context(std::make_unique<boost::asio::io_context>(kConcurrencyHint)) {
  wheel = std::make_unique<DeadlineWheel>(*context);
}

Executor::Impl::Shard::~Shard() { wheel->shut_down(); }

Executor::Impl::Impl(Options given) : options(checked(std::move(given))) {
  for (std::size_t i = 0; i < options.shards; ++i) shards.push_back(std::make_unique<Shard>());
}

void Executor::Impl::start() {
  const std::lock_guard lock(mutex);
  SERVAL_ASSERT(!started, "an Executor is started once");
  started = true;
  for (auto& shard : shards) {
    // Loops do not end for lack of work.
    shard->context->get_executor().on_work_started();
    if (!start_worker(*shard)) waiting.push_back(shard.get());
  }
  if (options.stall_limit.count() > 0) monitor = std::thread([this] { watch(); });
}

void Executor::Impl::stop() {
  {
    const std::lock_guard lock(mutex);
    if (stopping) return;
    stopping = true;
    for (Worker* worker : parked) worker->wake.notify_one();
  }
  for (auto& shard : shards) shard->context->stop();
  if (monitor.joinable()) {
    {
      const std::lock_guard lock(monitor_mutex);
      monitor_stopping = true;
    }
    monitor_wake.notify_one();
    monitor.join();
  }
  // No worker is added once stopping is set.
  for (auto& worker : workers) worker->thread.join();
  const std::lock_guard lock(mutex);
  workers.clear();
  parked.clear();
}

void Executor::Impl::hand_to(Worker& worker, Shard& shard) {
  const std::uint64_t word = shard.word.load(std::memory_order_acquire);
  shard.word.store(Word::with_owner(word, worker.id), std::memory_order_release);
  worker.has_loop.store(true, std::memory_order_relaxed);
}

bool Executor::Impl::start_worker(Shard& shard) {
  if (workers.size() >= options.max_threads) return false;
  auto worker = std::make_unique<Worker>(workers.size() + 1);
  Worker& self = *worker;
  self.assigned = &shard;
  try {
    self.thread = std::thread([this, &self] { work(self); });
  } catch (const std::system_error& error) {
    kLog.error("{}: no thread number {}: {}", options.name, self.id, error.what());
    return false;
  }
  hand_to(self, shard);
  workers.push_back(std::move(worker));
  return true;
}

void Executor::Impl::find_runner(Shard& shard) {
  bool first = false;
  {
    const std::lock_guard lock(mutex);
    if (stopping) return;
    if (!parked.empty()) {
      Worker& worker = *parked.back();
      parked.pop_back();
      worker.parked = false;
      worker.assigned = &shard;
      hand_to(worker, shard);
      worker.wake.notify_one();
      return;
    }
    if (start_worker(shard)) return;
    waiting.push_back(&shard);
    const auto now = std::chrono::steady_clock::now();
    first = now - std::exchange(last_waited, now) > kEpisode;
  }
  if (first) {
    kLog.warn("{}: all {} threads are in use, requests wait for one: see maxThreads", options.name,
              options.max_threads);
  }
}

Executor::Impl::Shard* Executor::Impl::next_shard(Worker& self) {
  std::unique_lock lock(mutex);
  if (stopping) return nullptr;
  if (self.assigned) return std::exchange(self.assigned, nullptr);  // its first one
  self.has_loop.store(false, std::memory_order_relaxed);
  if (!waiting.empty()) {
    Shard* const shard = waiting.front();
    waiting.pop_front();
    hand_to(self, *shard);
    return shard;
  }
  self.parked = true;
  parked.push_back(&self);
  self.wake.wait(lock, [&] { return self.assigned || stopping; });
  return stopping ? nullptr : std::exchange(self.assigned, nullptr);
}

void Executor::Impl::work(Worker& self) {
  set_thread_name(options.name + "-" + std::to_string(self.id));
  current = &self;
  current_impl = this;
  while (Shard* const shard = next_shard(self)) run_loop(self, *shard);
  current = nullptr;
}

void Executor::Impl::run_loop(Worker& self, Shard& shard) {
  self.shard = &shard;
  self.has_loop.store(true, std::memory_order_relaxed);
  for (;;) {
    try {
      if (shard.context->run_one() == 0) break;  // stopped
    } catch (const std::exception& error) {
      kLog.error("{}: exception out of a handler: {}", options.name, error.what());
    }
    if (Word::owner(shard.word.load(std::memory_order_acquire)) != self.id) {
      // Continuations that the handler left in this thread's queue have just moved to the common
      // one, without a wake-up for the thread that runs the loop now.
      boost::asio::post(*shard.context, [] {});
      break;
    }
  }
  self.shard = nullptr;
}

Executor::Executor(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Executor::~Executor() { stop(); }
void Executor::start() { impl_->start(); }
void Executor::stop() { impl_->stop(); }
std::size_t Executor::shard_count() const { return impl_->shards.size(); }
boost::asio::io_context& Executor::shard(std::size_t index) {
  return *impl_->shards.at(index)->context;
}
DeadlineWheel& Executor::deadlines(std::size_t index) { return *impl_->shards.at(index)->wheel; }

boost::asio::io_context* Executor::current() {
  const Impl::Worker* const self = Impl::current;
  if (!self || !self->shard) return nullptr;
  const Impl::Shard& shard = *self->shard;
  if (Impl::Word::owner(shard.word.load(std::memory_order_relaxed)) != self->id) return nullptr;
  return shard.context.get();
}

std::size_t Executor::thread_count() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->workers.size();
}

std::size_t Executor::busy_count() const {
  const std::lock_guard lock(impl_->mutex);
  return static_cast<std::size_t>(std::ranges::count_if(impl_->workers, [](const auto& worker) {
    return worker->busy.load(std::memory_order_relaxed) ||
           (!worker->parked && !worker->has_loop.load(std::memory_order_relaxed));
  }));
}

BlockingScope::BlockingScope() {
  using Impl = Executor::Impl;
  Impl::Worker* const self = Impl::current;
  if (!self || !self->shard) return;
  Impl::Shard& shard = *self->shard;
  std::uint64_t word = shard.word.load(std::memory_order_relaxed);
  if (Impl::Word::owner(word) != self->id) return;
  if (!shard.word.compare_exchange_strong(word, Impl::Word::with_owner(word, 0),
                                          std::memory_order_acq_rel)) {
    return;  // the monitor was faster
  }
  self->has_loop.store(false, std::memory_order_relaxed);
  Impl::current_impl->find_runner(shard);
}

BusyScope::BusyScope() {
  using Impl = Executor::Impl;
  Impl::Worker* const self = Impl::current;
  if (!self || !self->shard) return;
  self->busy.store(true, std::memory_order_relaxed);
  std::atomic<std::uint64_t>& word = self->shard->word;
  const std::uint64_t before = word.load(std::memory_order_relaxed);
  self->busy_word = 0;
  if (Impl::Word::owner(before) != self->id) return;
  self->busy_word = (before + Impl::Word::kNext) | Impl::Word::kBusy;
  word.store(self->busy_word, std::memory_order_release);
  if (Impl::current_impl->monitor_sleeps.load(std::memory_order_relaxed)) {
    Impl::current_impl->wake_monitor();
  }
}

BusyScope::~BusyScope() {
  using Impl = Executor::Impl;
  Impl::Worker* const self = Impl::current;
  if (!self || !self->shard) return;
  self->busy.store(false, std::memory_order_relaxed);
  if (self->busy_word == 0) return;
  // Fails if the loop was given away or taken meanwhile.
  self->shard->word.compare_exchange_strong(self->busy_word, self->busy_word & ~Impl::Word::kBusy,
                                            std::memory_order_acq_rel);
  self->busy_word = 0;
}

}  // namespace serval
