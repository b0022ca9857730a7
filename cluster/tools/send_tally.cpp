#include "cluster/tools/send_tally.h"

#include <fmt/format.h>

#include <algorithm>

#include "cluster/tools/text/quantity.h"

namespace serval::tools {

void SendTally::note_sent(std::size_t size) {
  const std::lock_guard lock(mutex_);
  ++figures_.sent;
  figures_.sent_bytes += size;
}

void SendTally::note_end(const tribes::SendReport& report, std::size_t members,
                         std::chrono::microseconds took) {
  const std::lock_guard lock(mutex_);
  figures_.addressed += members;
  note_faults(report);
  if (figures_.ended++ % stride_ != 0) return;
  auto& kept = microseconds_;
  kept.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(took.count(), 0, UINT32_MAX)));
  if (kept.size() < max_latencies_) return;
  for (std::size_t i = 0; i < kept.size() / 2; ++i) kept[i] = kept[2 * i];
  kept.resize(kept.size() / 2);
  stride_ *= 2;
}

void SendTally::note_late(const tribes::SendReport& report) {
  const std::lock_guard lock(mutex_);
  note_faults(report);
}

void SendTally::note_refusal(const std::string& cause) {
  const std::lock_guard lock(mutex_);
  ++figures_.ended;
  ++figures_.addressed;
  ++figures_.refused;
  Fault& fault = figures_.faults["this node"];
  if (fault.messages++ == 0) fault.cause = cause;
}

void SendTally::note_faults(const tribes::SendReport& report) {
  for (const auto& faulty : report.faulty) {
    ++figures_.refused;
    Fault& fault = figures_.faults[faulty.member->address_text()];
    if (fault.messages++ == 0) fault.cause = faulty.cause;
  }
}

std::uint64_t SendTally::ended() const {
  const std::lock_guard lock(mutex_);
  return figures_.ended;
}

SendTally::Figures SendTally::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

std::vector<std::uint32_t> SendTally::microseconds() const {
  std::unique_lock lock(mutex_);
  std::vector<std::uint32_t> sorted = microseconds_;
  lock.unlock();
  std::ranges::sort(sorted);
  return sorted;
}

std::string latency_text(const std::vector<std::uint32_t>& microseconds) {
  if (microseconds.empty()) return {};
  const auto at = [&](std::size_t percent) {
    const std::size_t index = (microseconds.size() - 1) * percent / 100;
    return duration_text(std::chrono::microseconds(microseconds[index]));
  };
  return fmt::format("min {}  median {}  p99 {}  max {}", at(0), at(50), at(99), at(100));
}

}  // namespace serval::tools
