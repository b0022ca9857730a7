#include "cluster/tribes/interceptors/tcp_failure_detector.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/transport/member_probe.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.group.interceptors.TcpFailureDetector"};

constexpr std::size_t kRemembered = 256;  // members that are gone

/// The member's word for it, kept within reason.
std::chrono::milliseconds alive_time(const Member& member) {
  return std::chrono::milliseconds(std::clamp(member.alive_ms, std::int64_t{0}, kUnknownAge));
}

bool is_of_unknown_age(const Member& member) { return member.alive_ms >= kUnknownAge; }

}  // namespace

std::span<const Attribute<TcpFailureDetector::Options>> TcpFailureDetector::attributes() {
  using O = Options;
  static const std::array table{
      attribute("connectTimeout", &O::connect_timeout, "ms that a check waits to connect"),
      attribute("performSendTest", &O::perform_send_test, "a check also sends a message"),
      attribute("performReadTest", &O::perform_read_test, "and waits for its ACK"),
      attribute("readTestTimeout", &O::read_test_timeout, "ms of that wait"),
      attribute("removeSuspectsTimeout", &O::remove_suspects_timeout,
                "s after which a suspect that answers is trusted again, <= 0 never"),
      attribute("optionFlag", &O::option_flag, "only messages with these options"),
  };
  return table;
}

void TcpFailureDetector::add_figures(BeanTable<TcpFailureDetector>& table) {
  using This = TcpFailureDetector;
  // True: all members anew; else those that the heartbeat looks at. Does not wait for the end.
  table.operations.push_back(
      {"checkMembers", 1, [](This& detector, Bean::Arguments arguments) -> Result<BeanValue> {
         bool all = false;
         if (auto parsed = parse_into(arguments[0], all); !parsed) return parsed.error();
         detector.services().run_later([&detector, all] {
           if (all) return detector.check_members(detector.below());
           detector.add_missed(detector.below());
           detector.check_suspects();
         });
         return BeanValue();
       }});
}

TcpFailureDetector::TcpFailureDetector() : TcpFailureDetector(Options()) {}
TcpFailureDetector::TcpFailureDetector(const Options& options)
    : TcpFailureDetector(options, nullptr) {}
TcpFailureDetector::TcpFailureDetector(const Options& options, Prober prober)
    : Interceptor(options.option_flag),
      options_(options),
      prober_(prober ? std::move(prober) : [this](const Members& members) {
        const Options& now = *options_;
        return probe_members(members, services().local_member(),
                             {now.connect_timeout, now.perform_send_test, now.perform_read_test,
                              now.read_test_timeout, now.option_flag});
      }) {}

bool TcpFailureDetector::is_alive(const MemberPtr& member) const {
  return !member->is_shutdown() && prober_({member}).front();
}

bool TcpFailureDetector::knows(const Member& member) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(known_, [&](const Known& k) { return *k.member == member; });
}

/// When it was started. A record that others have kept and handed on is younger than it should be,
/// so what was known of the member before counts too. Requires: mutex_ is held.
Clock::Time TcpFailureDetector::start_of(const Member& member) const {
  if (is_of_unknown_age(member)) return Clock::Time::min();
  const Clock::Time told = services().clock().now() - alive_time(member);
  const auto before =
      std::ranges::find_if(gone_, [&](const Known& k) { return *k.member == member; });
  return before == gone_.end() ? told : std::min(told, before->since);
}

bool TcpFailureDetector::is_outdated(const Member& member) const {
  const std::lock_guard lock(mutex_);
  const Clock::Time since = start_of(member);
  return std::ranges::any_of(known_, [&](const Known& known) {
    return same_place(*known.member, member) && !(*known.member == member) &&
           (since < known.since || is_of_unknown_age(member));
  });
}

Result<> TcpFailureDetector::receive(ChannelMessage message, Above above) {
  if (ok_to_process(message.options) && is_probe(*message.content)) return {};
  return above.receive(std::move(message));
}

void TcpFailureDetector::member_added(const MemberPtr& member, Above above) {
  std::erase_if(suspects_, [&](const Suspect& s) { return *s.member == *member; });
  if (!knows(*member) && !is_outdated(*member) && is_alive(member)) add(member, above);
}

void TcpFailureDetector::member_disappeared(const MemberPtr& member, Above above) {
  if (!knows(*member)) return;
  if (member->is_shutdown()) {
    remove(*member, above);
    return;
  }
  kLog.info("Received memberDisappeared[{}] message. Will verify.", member->description());
  verify(member, above);
}

void TcpFailureDetector::verify(const MemberPtr& member, Above above) {
  if (is_alive(member)) {
    kLog.info("Verification complete. Member still alive[{}]", member->description());
    const bool suspected =
        std::ranges::any_of(suspects_, [&](const Suspect& s) { return *s.member == *member; });
    if (!suspected) suspects_.push_back({member, services().clock().now()});
    return;
  }
  kLog.info("Verification complete. Member disappeared[{}]", member->description());
  remove(*member, above);
}

void TcpFailureDetector::add(const MemberPtr& member, Above above) {
  Members replaced;
  {
    const std::lock_guard lock(mutex_);
    const Clock::Time since = start_of(*member);
    for (const Known& known : known_) {
      if (same_place(*known.member, *member) && known.since < since) {
        replaced.push_back(known.member);
      }
    }
    std::erase_if(gone_, [&](const Known& k) { return *k.member == *member; });
    const auto place = std::ranges::upper_bound(known_, since, std::ranges::less(), &Known::since);
    known_.insert(place, {member, since});
  }
  for (const MemberPtr& old : replaced) {
    kLog.info("Member [{}] runs again with another id, the old one is gone", member->name());
    remove(*old, above);
  }
  above.member_added(member);
}

void TcpFailureDetector::remove(const Member& member, Above above) {
  MemberPtr removed;
  {
    const std::lock_guard lock(mutex_);
    const auto it =
        std::ranges::find_if(known_, [&](const Known& k) { return *k.member == member; });
    if (it == known_.end()) return;
    removed = it->member;
    if (!is_of_unknown_age(*removed)) gone_.push_back(*it);
    known_.erase(it);
    if (gone_.size() > kRemembered) gone_.pop_front();
  }
  std::erase_if(suspects_, [&](const Suspect& s) { return *s.member == member; });
  above.member_disappeared(removed);
}

void TcpFailureDetector::send_failed(const FaultyMember& faulty, Above above) {
  const MemberPtr member = faulty.member;
  above.send_failed(faulty);
  if (faulty.remote_process) return;  // it answers: its handler failed
  {
    const std::lock_guard lock(mutex_);
    if (contains(being_verified_, *member)) return;
    being_verified_.push_back(member);
  }
  services().run_later([this, member, above] {
    {
      const std::lock_guard lock(mutex_);
      std::erase_if(being_verified_, [&](const auto& m) { return *m == *member; });
    }
    member_disappeared(member, above);
  });
}

void TcpFailureDetector::heartbeat(Below below) {
  below.heartbeat();
  add_missed(below);
  check_suspects();
}

/// Members below that are not known here, because they did not answer when they came.
void TcpFailureDetector::add_missed(Below below) {
  Members missed = below.members();
  std::erase_if(missed,
                [&](const MemberPtr& member) { return knows(*member) || is_outdated(*member); });
  if (missed.empty()) return;
  const std::vector<bool> alive = prober_(missed);
  for (std::size_t i = 0; i < missed.size(); ++i) {
    if (!alive[i] || missed[i]->is_shutdown()) continue;
    kLog.warn("Member added, even though we weren't notified:[{}]", missed[i]->description());
    add(missed[i], above());
  }
}

void TcpFailureDetector::check_members(Below below) {
  const Members all = below.members();
  if (all.empty()) return;
  const std::vector<bool> alive = prober_(all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!alive[i] || all[i]->is_shutdown()) {
      remove(*all[i], above());
    } else if (!knows(*all[i]) && !is_outdated(*all[i])) {
      add(all[i], above());
    }
  }
}

void TcpFailureDetector::check_suspects() {
  const std::vector<Suspect> suspects = suspects_;
  if (suspects.empty()) return;
  Members members;
  for (const Suspect& suspect : suspects) members.push_back(suspect.member);
  const std::vector<bool> alive = prober_(members);
  const auto now = services().clock().now();
  const auto trusted_after = options_->remove_suspects_timeout;
  for (std::size_t i = 0; i < suspects.size(); ++i) {
    const Suspect& suspect = suspects[i];
    if (!alive[i]) {
      kLog.info("Suspect member, confirmed dead.[{}]", suspect.member->description());
      remove(*suspect.member, above());
    } else if (trusted_after.count() > 0 && now - suspect.since > trusted_after) {
      std::erase_if(suspects_, [&](const Suspect& s) { return *s.member == *suspect.member; });
    }
  }
}

Members TcpFailureDetector::members(Below) const {
  const std::lock_guard lock(mutex_);
  Members members;
  members.reserve(known_.size());
  for (const Known& known : known_) members.push_back(known.member);
  return members;
}

void TcpFailureDetector::stop(int levels) {
  if ((levels & level::kMembershipReceive) == 0) return;
  const std::lock_guard lock(mutex_);
  known_.clear();
  gone_.clear();
  being_verified_.clear();
}

}  // namespace serval::tribes
