#include "cluster/tribes/interceptors/fragmentation_interceptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/fields.h"
#include "cluster/tribes/interceptors/send_join.h"
#include "cluster/tribes/transport/member_probe.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.group.interceptors.FragmentationInterceptor"};
constexpr std::uint8_t kWhole = 0, kPart = 1;

}  // namespace

std::span<const Attribute<FragmentationInterceptor::Options>>
FragmentationInterceptor::attributes() {
  using O = Options;
  static const std::array table{
      attribute("maxSize", &O::max_size, "bytes above which a message is sent in parts"),
      attribute("expire", &O::expire, "ms that a message waits for its missing parts"),
      attribute("maxWaitingSize", &O::max_waiting_size,
                "bytes of received parts that may wait, all senders together"),
      hidden(
          attribute("optionFlag", &O::option_flag, "only messages with these options are split")),
  };
  return table;
}

FragmentationInterceptor::FragmentationInterceptor(const Options& options)
    : Interceptor(options.option_flag),
      options_(options),
      store_(static_cast<std::size_t>(std::max<std::int64_t>(0, options.max_waiting_size))) {}

Result<> FragmentationInterceptor::check(int max_size) {
  if (max_size >= 1) return {};
  return Error{Errc::kInvalidArgument,
               fmt::format("FragmentationInterceptor: maxSize [{}] must be at least 1", max_size)};
}

Result<> FragmentationInterceptor::start(int) { return check(options_->max_size); }

Result<> FragmentationInterceptor::send(const Members& to, ChannelMessage message, Below below) {
  const int most = options_->max_size;
  if (std::cmp_greater(message.content->size(), most) && ok_to_process(message.options)) {
    if (auto checked = check(most); !checked) return checked;
    send_parts(to, std::move(message), static_cast<std::size_t>(most), below);
    return {};
  }
  Bytes content;
  content.reserve(message.content->size() + 1);
  append_bytes(content, *message.content);
  content.push_back(kWhole);
  message.content = std::make_shared<const Bytes>(std::move(content));
  return below.send(to, std::move(message));
}

void FragmentationInterceptor::send_parts(const Members& to, ChannelMessage message,
                                          std::size_t max_size, Below below) const {
  SendJoin join(std::move(message.done));
  std::span<const std::uint8_t> rest(*message.content);
  const auto count = static_cast<std::int32_t>((rest.size() + max_size - 1) / max_size);
  for (std::int32_t index = 0; index < count; ++index) {
    const auto data = rest.first(std::min(max_size, rest.size()));
    rest = rest.subspan(data.size());
    Bytes content;
    content.reserve(data.size() + 9);
    append_bytes(content, data);
    append_big_endian(content, index);
    append_big_endian(content, count);
    content.push_back(kPart);
    ChannelMessage part = message;
    part.content = std::make_shared<const Bytes>(std::move(content));
    part.is_part = true;
    join.send(to, std::move(part), below);
  }
}

Result<> FragmentationInterceptor::receive(ChannelMessage message, Above above) {
  if (is_probe(*message.content)) return above.receive(std::move(message));
  if (message.content->empty()) {
    dropped_.add(kLog, message, "A message without the trailer of FragmentationInterceptor");
    return {};
  }
  const std::uint8_t kind = message.content->back();
  const auto data = std::span(*message.content).first(message.content->size() - 1);
  message.content = std::make_shared<const Bytes>(data.begin(), data.end());
  if (kind == kWhole) return above.receive(std::move(message));
  return receive_part(std::move(message), above);
}

Result<> FragmentationInterceptor::receive_part(ChannelMessage part, Above above) {
  const ChannelMessage copy = part;  // for the log; content is shared
  auto whole = [&] {
    const std::lock_guard lock(mutex_);
    return store_.add(std::move(part), services().clock().now());
  }();
  if (!whole) {
    const bool full = whole.error().code == Errc::kInvalidArgument;
    dropped_.add(kLog, copy,
                 "Fragments are missing: " + whole.error().message +
                     (full ? fmt::format(", maxWaitingSize is [{}]", options_->max_waiting_size)
                           : std::string()));
    return {};
  }
  if (!*whole) return {};
  return above.receive(*std::move(*whole));
}

void FragmentationInterceptor::member_disappeared(const MemberPtr& member, Above above) {
  {
    const std::lock_guard lock(mutex_);
    store_.forget(*member);
  }
  above.member_disappeared(member);
}

void FragmentationInterceptor::heartbeat(Below below) {
  std::size_t expired = 0;
  {
    const std::lock_guard lock(mutex_);
    expired = store_.expire(services().clock().now(), options_->expire);
  }
  if (expired > 0) {
    kLog.warn("Fragments are missing: [{}] messages were dropped after expire [{}] ms", expired,
              options_->expire.count());
  }
  below.heartbeat();
}

void FragmentationInterceptor::stop(int levels) {
  if ((levels & level::kReceiver) == 0) return;
  const std::lock_guard lock(mutex_);
  store_.clear();
}

std::size_t FragmentationInterceptor::waiting_bytes() const {
  const std::lock_guard lock(mutex_);
  return store_.waiting_bytes();
}

}  // namespace serval::tribes
