#include "cluster/tools/stop_signal.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdint>

#include "container/base/error.h"

namespace serval::tools {

StopSignal::StopSignal() {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
  request_ = ::eventfd(0, EFD_CLOEXEC);
  SERVAL_ASSERT(signals_ >= 0 && request_ >= 0, "the system has no file handle left");
}

StopSignal::~StopSignal() {
  ::close(signals_);
  ::close(request_);
}

bool StopSignal::poll(int limit_ms) {
  if (set_) return true;
  pollfd fds[2] = {{signals_, POLLIN, 0}, {request_, POLLIN, 0}};
  set_ = ::poll(fds, 2, limit_ms) > 0;
  return set_;
}

bool StopSignal::wait(std::chrono::milliseconds limit) {
  return poll(static_cast<int>(limit.count()));
}

void StopSignal::wait() {
  while (!poll(-1)) {
  }
}

void StopSignal::request() {
  const std::uint64_t one = 1;
  // Only an overflow could fail, and the wish is known then.
  static_cast<void>(::write(request_, &one, sizeof one));
}

}  // namespace serval::tools
