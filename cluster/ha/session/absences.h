// cluster/ha/session/absences.h
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "cluster/ha/session/session_message.h"
#include "cluster/tribes/member.h"
#include "container/base/clock.h"

namespace serval::ha {

/// Members that were out of reach, and what happened meanwhile that no session shows: what ended,
/// and what has another id. It has to be told to one that comes back.
///
/// Units: instants are wall clock milliseconds.
/// Threads: any.
class Absences {
 public:
  /// What happened so long before a loss is noticed may not have arrived.
  static constexpr std::int64_t kUnnoticedMs = 10'000;
  /// A member that does not come back in this time is forgotten; it has most likely crashed.
  static constexpr std::int64_t kMaxAgeMs = 3'600'000;
  static constexpr std::size_t kMaxMessages = 50'000;

  struct Absence {
    std::int64_t since_ms = 0;  // what happened here from then on the member may not have heard
    int losses = 0;
  };

  explicit Absences(const Clock& clock) : clock_(clock) {}

  /// The member is lost, or is heard for the first time though it was there before.
  void begin(const tribes::Member& member, std::int64_t since_ms);
  void lost(const tribes::Member& member) { begin(member, clock_.wall_ms() - kUnnoticedMs); }
  /// Nothing: the member heard all that happened here.
  std::optional<Absence> of(const tribes::Member& member) const;
  /// It has been told. Lost once more meanwhile, it has to be told again.
  void end(const tribes::Member& member, const Absence& told);

  /// Keeps a message that the others get now.
  void keep(SessionMessage message);
  /// In the order of keeping.
  std::vector<SessionMessage> kept_since(std::int64_t ms) const;

  void drop_old();

 private:
  struct Kept {
    std::int64_t at_ms;
    SessionMessage message;
  };
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards everything below
  std::map<tribes::UniqueId, Absence> absences_;
  std::deque<Kept> kept_;
};

}  // namespace serval::ha
