#include "tests/support/network_namespace.h"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "tests/support/process.h"

namespace serval::test {

void ip(const std::string& words) {
  std::vector<std::string> command{"ip"};
  std::istringstream in(words);
  for (std::string word; in >> word;) command.push_back(word);
  const CommandResult result = run_command(command);
  if (result.status != 0) throw std::runtime_error("ip " + words + ": " + result.output);
}

Bridge::Bridge(std::string name) : name_(std::move(name)) {
  // With snooping it would wait for reports of who is in which group.
  ip("link add " + name_ + " type bridge mcast_snooping 0 forward_delay 0");
  ip("link set " + name_ + " up");
}
Bridge::~Bridge() { run_command({"ip", "link", "del", name_}); }

NetworkNamespace::NetworkNamespace(int number, const Bridge& bridge)
    : cable_("cable" + std::to_string(number)),
      address_("10.77.0." + std::to_string(number)),
      hardware_end_(fmt::format("{:02x}", number)) {
  int error = -1;
  {
    std::unique_lock lock(mutex_);
    thread_ = std::thread([this, &error] {
      const int failed = ::unshare(CLONE_NEWNET) == 0 ? 0 : errno;
      {
        const std::lock_guard inner(mutex_);
        id_ = ::gettid();
        error = failed;
      }
      changed_.notify_all();
      work();
    });
    changed_.wait(lock, [&] { return error >= 0; });
  }
  try {
    if (error != 0) throw std::system_error(error, std::generic_category(), "network namespace");
    run([] { ip("link set lo up"); });
    make_interface(bridge);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    changed_.notify_all();
    thread_.detach();
    throw;
  }
}

NetworkNamespace::~NetworkNamespace() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
  run_command({"ip", "link", "del", cable_});
}

void NetworkNamespace::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ends_ || work_; });
    if (!work_) return;
    lock.unlock();
    (*work_)();
    lock.lock();
    work_ = nullptr;
    changed_.notify_all();
  }
}

void NetworkNamespace::run(const std::function<void()>& work) {
  std::exception_ptr failed;
  const std::function<void()> guarded = [&] {
    try {
      work();
    } catch (...) {
      failed = std::current_exception();
    }
  };
  {
    std::unique_lock lock(mutex_);
    work_ = &guarded;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !work_; });
  }
  if (failed) std::rethrow_exception(failed);
}

void NetworkNamespace::make_interface(const Bridge& bridge) {
  // The hardware address is the same in its successor, or the others would remember the old one.
  ip("link add " + cable_ + " type veth peer name eth0 address 02:00:0a:4d:00:" + hardware_end_ +
     " netns " + std::to_string(id_));
  plug_into(bridge);
  ip("link set " + cable_ + " up");
  run([this] { ip("addr add " + address_ + "/24 dev eth0"); });
  set_link(true);
}

void NetworkNamespace::plug_into(const Bridge& bridge) {
  ip("link set " + cable_ + " master " + bridge.name());
}

void NetworkNamespace::hear_multicast(bool does) {
  ip("link set " + cable_ + " type bridge_slave mcast_flood " + (does ? "on" : "off"));
}

void NetworkNamespace::set_link(bool up) {
  run([up] {
    ip(up ? "link set eth0 up" : "link set eth0 down");
    if (up) ip("route replace 224.0.0.0/4 dev eth0");
  });
}

void NetworkNamespace::replace_interface(const Bridge& bridge) {
  ip("link del " + cable_);
  make_interface(bridge);
}

}  // namespace serval::test
