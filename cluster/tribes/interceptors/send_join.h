#pragma once
#include <memory>
#include <mutex>

#include "cluster/tribes/interceptor.h"

namespace serval::tribes {

/// One send that an interceptor makes into several: the sender's `done` is called when all of them
/// have ended, with everybody that missed one of them.
///
/// Example: SendJoin join(std::move(message.done)); for (…) join.send(to, part, below);
/// The end of the object counts as one of the sends, so that nothing ends before all have begun.
/// Threads: one makes the sends; they end on any.
class SendJoin {
 public:
  explicit SendJoin(SendDone done);
  ~SendJoin();
  SendJoin(const SendJoin&) = delete;
  SendJoin& operator=(const SendJoin&) = delete;

  /// Sends a part; its own `done` is replaced. What is refused below counts as missed by all of
  /// `to`.
  void send(const Members& to, ChannelMessage part, Below below);

 private:
  class State;
  const std::shared_ptr<State> state_;
};

}  // namespace serval::tribes
