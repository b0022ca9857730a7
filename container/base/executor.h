// container/base/executor.h
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "container/base/deadline.h"

namespace boost::asio {
class io_context;
}

namespace serval {

/// Threads for shards: one per shard plus parked spares, at most `max_threads` in all.
///
/// A shard is one io_context whose loop exactly one thread runs at a time. When that thread blocks
/// inside a BlockingScope, or stays in one BusyScope longer than `stall_limit`, a spare thread
/// takes the loop over (last parked, first used); the blocked thread finishes its handler and
/// parks. None free = the loop waits for one (as Tomcat's requests wait for a thread) and this is
/// logged once per episode.
///
/// A handler that has lost its loop may go on using the shard's sockets, timers and post():
/// the contexts are built for several threads, so nothing it starts is left without a wake-up.
/// What belongs to the loop (not to one connection) it must not touch without a lock.
///
/// Threads: start, stop by the owner (not from one of its threads); everything else from any
/// thread. Errors: an exception that leaves a handler is logged; the loop goes on. Source: DESIGN
/// §3.
class Executor {
 public:
  struct Options {
    std::string name = "exec";  // threads are called <name>-1, <name>-2 …
    std::size_t shards = 0;     // 0 = number of processors; never more than max_threads
    std::size_t max_threads = 200;
    std::chrono::milliseconds stall_limit{10};  // 0 = nobody watches
  };
  explicit Executor(Options options);
  /// Stops. Work that was never run is destroyed here, with the contexts.
  ~Executor();

  /// Requires: not started before.
  void start();
  /// Ends all loops after their current handler and joins the threads. Work still posted is not
  /// run.
  void stop();

  std::size_t shard_count() const;
  boost::asio::io_context& shard(std::size_t index);
  /// The coarse timers of a shard; they expire on its loop.
  DeadlineWheel& deadlines(std::size_t index);

  /// The context whose loop the calling thread runs, or nullptr: on any other thread, and on one
  /// that has given its loop away. What is posted there runs after the handlers that are ready now,
  /// without a hop to another thread.
  static boost::asio::io_context* current();

  /// Threads now alive, and threads now inside a BusyScope or in a handler that has lost its loop.
  std::size_t thread_count() const;
  std::size_t busy_count() const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

/// Says "this thread may block now". Inside, the caller keeps running its handler while a spare
/// thread runs the shard's loop. Free when the thread runs no shard, or when it has given its loop
/// away already.
///
/// Example: { BlockingScope blocking; file.read(…); }
class BlockingScope {
 public:
  BlockingScope();
  ~BlockingScope() = default;
  BlockingScope(const BlockingScope&) = delete;
  BlockingScope& operator=(const BlockingScope&) = delete;
};

/// Says "this thread handles a request". Counted by busy_count() and timed by the stall monitor;
/// costs a store and a compare-exchange on the shard's own cache line. Not nested. Free on a thread
/// that runs no shard.
///
/// Threads: begins and ends on the same thread (not across a co_await).
class BusyScope {
 public:
  BusyScope();
  ~BusyScope();
  BusyScope(const BusyScope&) = delete;
  BusyScope& operator=(const BusyScope&) = delete;
};

}  // namespace serval
