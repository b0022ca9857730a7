// A library for LD_PRELOAD: a process whose wall clock is off by SERVAL_CLOCK_SHIFT seconds.
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

#include <cstdlib>

namespace {

time_t shift() {
  static const time_t seconds = [] {
    const char* const given = std::getenv("SERVAL_CLOCK_SHIFT");
    return given ? std::strtol(given, nullptr, 10) : 0;
  }();
  return seconds;
}

template <class Function>
Function* next(Function*, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static const auto real = next(&clock_gettime, "clock_gettime");
  const int failed = real(clock, now);
  if (failed == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += shift();
  }
  return failed;
}

int gettimeofday(timeval* __restrict now, void* __restrict zone) noexcept {
  static const auto real = next(&gettimeofday, "gettimeofday");
  const int failed = real(now, zone);
  if (failed == 0) now->tv_sec += shift();
  return failed;
}

time_t time(time_t* into) noexcept {
  static const auto real = next(&time, "time");
  const time_t now = real(nullptr) + shift();
  if (into) *into = now;
  return now;
}
}
