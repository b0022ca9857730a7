// container/base/executor.h
#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace serval {

/// Threads for shards: one per shard plus parked spares, at most `max_threads` in all.
///
/// A shard is one io_context that exactly one thread runs at a time. When its thread blocks inside
/// a BlockingScope, or stays in one handler longer than `stall_limit`, a spare thread takes the
/// loop over; the blocked thread finishes its handler and parks. None free = the loop waits for one
/// (as Tomcat's requests wait for a thread) and this is logged once per episode.
///
/// Threads: start, stop by the owner; everything else from any thread.
/// Source: DESIGN §3.
class Executor {
 public:
  struct Options {
    std::string name = "exec";  // threads are called <name>-1, <name>-2 …
    std::size_t shards = 0;     // 0 = number of processors
    std::size_t max_threads = 200;
    std::chrono::milliseconds stall_limit{10};
  };
  explicit Executor(Options options);
  ~Executor();

  void start();
  /// Ends all loops after their current handler and joins the threads. Work still posted is
  /// dropped.
  void stop();

  std::size_t shard_count() const;
  boost::asio::io_context& shard(std::size_t index);
  /// Threads now alive, and threads now inside a handler (for the tests and for JMX).
  std::size_t thread_count() const;
  std::size_t busy_count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  friend class BlockingScope;
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

}  // namespace serval
