// tests/support/network_namespace.h
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace serval::test {

/// ip(8) with these words, in the network of the calling thread.
///
/// Errors: std::runtime_error with the words and what it said.
void ip(const std::string& words);

/// A switch of the test's own network, without a connection to anything else. Needs
/// run_isolated.sh.
class Bridge {
 public:
  /// name: at most 15 characters, "br0".
  explicit Bridge(std::string name);
  ~Bridge();
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;
  const std::string& name() const { return name_; }

 private:
  const std::string name_;
};

/// A machine with one interface, "eth0", whose cable ends at a bridge. What runs in it, and what
/// that starts (threads, processes), has its network and no other.
///
/// Errors: std::runtime_error with the words of ip(8).
/// Threads: one.
class NetworkNamespace {
 public:
  /// number: 1 to 254, the end of its address.
  NetworkNamespace(int number, const Bridge& bridge);
  /// Requires: nothing that was started in it is left.
  ~NetworkNamespace();
  NetworkNamespace(const NetworkNamespace&) = delete;
  NetworkNamespace& operator=(const NetworkNamespace&) = delete;

  /// 10.77.0.NUMBER, and a route for multicast.
  const std::string& address() const { return address_; }
  /// Runs work inside and waits for its end.
  void run(const std::function<void()>& work);

  /// Puts the cable's end into another bridge.
  void plug_into(const Bridge& bridge);
  /// The interface itself, as "ip link set eth0 up" and "down" have it. Up sets the route again.
  void set_link(bool up);
  /// Whether multicast reaches it; everything else does all the time.
  void hear_multicast(bool does);
  /// Takes the interface away for good and puts a new one of the same name and addresses in its
  /// place.
  void replace_interface(const Bridge& bridge);

 private:
  void make_interface(const Bridge& bridge);
  void work();

  const std::string cable_, address_, hardware_end_;
  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* work_ = nullptr;  // guarded by mutex_, as is the rest
  bool ends_ = false;
  int id_ = 0;  // of the thread
  std::thread thread_;
};

}  // namespace serval::test
