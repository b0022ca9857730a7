#include "container/session/store_breaker.h"

#include <algorithm>
#include <utility>

#include "container/base/log.h"

namespace serval::core {
namespace {
using namespace std::chrono_literals;
const Log kLog{"org.apache.catalina.session.StoreBase"};
constexpr std::chrono::milliseconds kFirstPause = 1s, kLongestPause = 30s;
}  // namespace

bool StoreBreaker::is_open() const {
  const std::lock_guard lock(mutex_);
  return pause_ > 0ms && clock_.now() < closed_until_;
}

void StoreBreaker::note_answer() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(pause_, 0ms) > 0ms) kLog.info("{} answers again", name_);
}

void StoreBreaker::note_failure(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (pause_ == 0ms) {
    kLog.error("{} fails: {}. Sessions are neither saved nor loaded until it answers", name_, why);
  }
  pause_ = std::clamp(2 * pause_, kFirstPause, kLongestPause);
  closed_until_ = clock_.now() + pause_;
}

}  // namespace serval::core
