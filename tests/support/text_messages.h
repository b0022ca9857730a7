// tests/support/text_messages.h
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cluster/tribes/transport/channel_data.h"
#include "tests/support/eventually.h"

namespace serval::tribes {

inline Bytes text(std::string_view chars) { return {chars.begin(), chars.end()}; }

inline ChannelMessage message(Options options, std::string_view content) {
  ChannelMessage message;
  message.options = options | option::kByteMessage;
  message.id = random_id();
  auto sender = std::make_shared<Member>();
  sender->host = {127, 0, 0, 1};
  sender->port = 4000;
  message.address = std::move(sender);
  message.content = std::make_shared<const Bytes>(content.begin(), content.end());
  return message;
}
inline Bytes frame(Options options, std::string_view content) {
  return encode_frame_bytes(message(options, content));
}

/// What a receiver hands on, as texts. The text "fail" is refused.
class TextRecorder {
 public:
  Result<> take(const ChannelMessage& message) {
    const std::string content(message.content->begin(), message.content->end());
    if (on_message) on_message(content);
    const std::lock_guard lock(mutex_);
    texts_.push_back(content);
    if (content == "fail") return Error{Errc::kBadState, "as the test wants it"};
    return {};
  }
  std::vector<std::string> texts() const {
    const std::lock_guard lock(mutex_);
    return texts_;
  }
  bool eventually_has(const std::vector<std::string>& wanted) const {
    return serval::test::eventually([&] { return texts() == wanted; });
  }

  std::function<void(const std::string&)> on_message;  // set before the receiver starts

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;
};

}  // namespace serval::tribes
