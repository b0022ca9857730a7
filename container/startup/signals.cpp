#include "container/startup/signals.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "container/base/error.h"
#include "container/base/log.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.startup.Catalina"};

}  // namespace

StopSignals::StopSignals() {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) ::sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
  end_ = ::eventfd(0, EFD_CLOEXEC);
  SERVAL_ASSERT(signals_ >= 0 && end_ >= 0, "the system has no file handle left");
}

void StopSignals::deliver_to(std::function<void()> stop) {
  thread_ = std::thread([this, stop = std::move(stop)] { run(stop); });
}

void StopSignals::run(const std::function<void()>& stop) const {
  set_thread_name("signals");
  while (true) {
    pollfd fds[2] = {{signals_, POLLIN, 0}, {end_, POLLIN, 0}};
    if (::poll(fds, 2, -1) < 0) continue;
    if (fds[1].revents != 0) return;
    signalfd_siginfo signal{};
    if (::read(signals_, &signal, sizeof signal) != sizeof signal) continue;
    if (signal.ssi_signo == SIGQUIT)
      kLog.info("SIGQUIT: this server has no thread dump to show");
    else
      stop();
  }
}

void StopSignals::end_delivery() {
  const std::uint64_t one = 1;
  // Only an overflow could fail, and the event is set then.
  static_cast<void>(::write(end_, &one, sizeof one));
  if (thread_.joinable()) thread_.join();
}

StopSignals::~StopSignals() {
  end_delivery();
  ::close(signals_);
  ::close(end_);
}

}  // namespace serval::core
