// container/base/executor_impl.h
#pragma once
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "container/base/executor.h"

namespace serval {

/// Inside of Executor; only executor*.cpp include it.
///
/// Who runs a loop is one atomic word per shard. Its owner marks it busy and idle again; a
/// BlockingScope of the owner, or the monitor while it is marked busy, takes the owner out with a
/// compare-exchange. So a loop is taken from a thread only while that thread is inside a handler,
/// and the thread sees it before it would run the next one.
struct Executor::Impl {
  /// owner: 0 = nobody; sequence: changes with every BusyScope.
  struct Word {
    static constexpr std::uint64_t kOwnerMask = 0xffff;
    static constexpr std::uint64_t kBusy = 0x10000;
    static constexpr std::uint64_t kNext = 0x20000;
    static std::uint64_t owner(std::uint64_t word) { return word & kOwnerMask; }
    static std::uint64_t with_owner(std::uint64_t word, std::uint64_t owner) {
      return (word & ~(kOwnerMask | kBusy)) | owner;
    }
  };

  struct Shard {
    Shard();
    ~Shard();
    DeadlineWheel& deadlines() { return *wheel; }

    alignas(64) std::atomic<std::uint64_t> word{0};
    // Destroyed bottom up: handlers that die with the context may still leave the wheel.
    std::unique_ptr<DeadlineWheel> wheel;
    std::unique_ptr<boost::asio::io_context> context;
  };

  struct Worker {
    explicit Worker(std::uint64_t number) : id(number) {}
    const std::uint64_t id;
    std::thread thread;

    // Owned by the thread.
    Shard* shard = nullptr;
    std::uint64_t busy_word = 0;
    std::atomic<bool> busy{false};
    std::atomic<bool> has_loop{false};

    // Guarded by Impl::mutex.
    Shard* assigned = nullptr;
    bool parked = false;
    std::condition_variable wake;
  };

  explicit Impl(Options given);
  void start();
  void stop();

  /// Finds a thread for a shard that nobody runs: a parked one, a new one, or the next to park.
  void find_runner(Shard& shard);
  bool start_worker(Shard& shard);  // Requires: mutex held.
  void hand_to(Worker& worker, Shard& shard);
  void work(Worker& self);
  void run_loop(Worker& self, Shard& shard);
  Shard* next_shard(Worker& self);

  // executor_monitor.cpp
  void watch();
  void wake_monitor();
  void take_from_stalled(Shard& shard, std::uint64_t word);

  const Options options;
  std::vector<std::unique_ptr<Shard>> shards;

  mutable std::mutex mutex;
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<Worker*> parked;  // last parked at the back
  std::deque<Shard*> waiting;   // shards without a thread
  std::chrono::steady_clock::time_point last_waited{};
  bool started = false;
  bool stopping = false;

  std::thread monitor;
  std::mutex monitor_mutex;
  std::condition_variable monitor_wake;
  bool monitor_stopping = false;
  std::atomic<bool> monitor_sleeps{false};

  static thread_local Worker* current;
  static thread_local Impl* current_impl;
};

}  // namespace serval
