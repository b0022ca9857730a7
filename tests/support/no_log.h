// tests/support/no_log.h
#pragma once
#include <memory>

#include "container/base/log.h"

namespace serval::test {

/// For programs that make more log lines than anybody could read.
inline void log_nothing() {
  struct Silence final : LogRouter {
    Level level_of(std::string_view) const override { return Level::kOff; }
    void write(const LogRecord&) override {}
  };
  set_log_router(std::make_shared<Silence>());
}

}  // namespace serval::test
