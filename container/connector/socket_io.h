// container/connector/socket_io.h
#pragma once
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <span>
#include <utility>

#include "container/base/result.h"

struct iovec;

namespace serval::connector {

namespace asio = boost::asio;

/// A socket whose executor type is the loop itself: no type erasure on the way of a request.
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;

/// A coroutine nobody waits for: runs at once, frees itself at its end. What suspends it owns it.
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

/// Memory for the one operation that a connection has under way, so that none is allocated for it.
class OperationMemory {
 public:
  void* take(std::size_t size) {
    if (in_use_ || size > sizeof(storage_)) return ::operator new(size);
    in_use_ = true;
    return storage_;
  }
  void give_back(void* memory) {
    if (memory == storage_) {
      in_use_ = false;
    } else {
      ::operator delete(memory);
    }
  }

 private:
  alignas(std::max_align_t) std::byte storage_[256];
  bool in_use_ = false;
};

template <class T>
struct OperationAllocator {
  using value_type = T;
  explicit OperationAllocator(OperationMemory& m) : memory(&m) {}
  template <class U>
  OperationAllocator(const OperationAllocator<U>& other) : memory(other.memory) {}
  T* allocate(std::size_t n) { return static_cast<T*>(memory->take(n * sizeof(T))); }
  void deallocate(T* p, std::size_t) { memory->give_back(p); }
  template <class U>
  bool operator==(const OperationAllocator<U>& other) const {
    return memory == other.memory;
  }
  OperationMemory* memory;
};

/// Owns a suspended coroutine: resumes it, or destroys it when the loop is destroyed.
class Suspended {
 public:
  explicit Suspended(std::coroutine_handle<> handle) : handle_(handle) {}
  Suspended(Suspended&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Suspended& operator=(Suspended&&) = delete;
  ~Suspended() {
    if (handle_) handle_.destroy();
  }
  void resume() { std::exchange(handle_, {}).resume(); }

 private:
  std::coroutine_handle<> handle_;
};

/// co_await one asynchronous operation of Asio: `start` is called with its handler. The result is
/// what the operation reports: error code and byte count (0 if it has none).
///
/// The operation may end on another thread before await_suspend() returns; nothing is touched after
/// it was started.
template <class Start>
class Operation {
 public:
  struct Outcome {
    boost::system::error_code error;
    std::size_t size = 0;
  };
  Operation(OperationMemory& memory, Start start) : memory_(memory), start_(std::move(start)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) { start_(Handler{this, Suspended(handle)}); }
  Outcome await_resume() const noexcept { return outcome_; }

 private:
  struct Handler {
    using allocator_type = OperationAllocator<void*>;
    allocator_type get_allocator() const noexcept { return allocator_type(operation->memory_); }
    void operator()() { (*this)({}, 0); }
    void operator()(boost::system::error_code error, std::size_t size = 0) {
      operation->outcome_ = {error, size};
      suspended.resume();
    }
    Operation* operation;
    Suspended suspended;
  };
  OperationMemory& memory_;
  Start start_;
  Outcome outcome_;
};

/// Besides a number of bytes (0 from a read: the end), what a read or write comes back with.
inline constexpr std::ptrdiff_t kNotNow = -1;
inline constexpr std::ptrdiff_t kConnectionBroken = -2;

std::ptrdiff_t read_now(int socket, std::span<char> into);
/// Advances `parts` over what was written.
std::ptrdiff_t write_now(int socket, std::span<iovec>& parts, bool more_follows = false);

enum class Readiness { kReadable, kWritable };
/// Waits in the calling thread; the caller has opened a BlockingScope. False when the time is over
/// (not positive: endless). A closed or broken socket is ready.
bool wait_ready(int socket, Readiness readiness, std::chrono::milliseconds limit);

}  // namespace serval::connector
