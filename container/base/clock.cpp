#include "container/base/clock.h"

namespace serval {

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace serval
