#pragma once
#include <memory>

#include "cluster/tribes/message.h"
#include "cluster/tribes/part_bean.h"
#include "cluster/tribes/transport/delivery.h"
#include "container/base/executor.h"
#include "container/base/result.h"

namespace serval::tribes {

/// Brings messages to members.
///
/// Threads: start and stop by the owner; the rest from any thread, while started.
/// Source: Tomcat org.apache.catalina.tribes.ChannelSender; tribes-wire 8.
class Sender {
 public:
  virtual ~Sender() = default;
  /// Uses the executor until stop(). `faults` hears of every member that a message did not reach,
  /// or that closed a connection.
  virtual Result<> start(Executor& executor, FaultSink faults) = 0;
  /// Ends every message that is still under way. After this no callback runs any more.
  virtual void stop() = 0;

  /// message.done comes exactly once, also when the sender is not started.
  virtual void send(const Members& to, ChannelMessage message) = 0;
  /// Messages whose end has not come, for each receiver.
  virtual std::size_t under_way() const = 0;
  /// The member is gone: its connections are closed.
  virtual void remove(const Member& member) = 0;
  /// Closes what has been open too long; from the channel's heartbeat.
  virtual void keep_alive() = 0;
  /// For management.
  virtual std::unique_ptr<Bean> bean() { return nullptr; }
};

}  // namespace serval::tribes
