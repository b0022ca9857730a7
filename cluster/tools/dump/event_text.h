// cluster/tools/dump/event_text.h
#pragma once
#include <string>

#include "cluster/tools/dump/event.h"
#include "cluster/tools/dump/timeline.h"
#include "cluster/tools/text/console.h"

namespace serval::tools {

/// Events as lines, their columns below each other: time, from, to, kind, text. Columns grow with
/// what comes and never shrink.
class EventText {
 public:
  /// `details`: further lines below an event.
  EventText(const Console& console, bool details) : console_(console), details_(details) {}
  std::string of(const Event& event);

 private:
  const Console& console_;
  const bool details_;
  std::size_t from_width_ = 15, to_width_ = 15;
};

/// What the whole capture was, for its end: some lines.
std::string summary_text(const Timeline& timeline);

}  // namespace serval::tools
