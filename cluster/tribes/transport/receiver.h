#pragma once
#include <cstdint>
#include <functional>

#include "cluster/tribes/message.h"
#include "cluster/tribes/part_bean.h"
#include "container/base/executor.h"
#include "container/base/result.h"

namespace serval::tribes {

/// Takes a message that has arrived. A failure becomes a FAIL_ACK where the sender asked for a
/// synchronized ACK.
using MessageSink = std::function<Result<>(ChannelMessage)>;

/// Where members send messages to.
///
/// Threads: start and stop by the owner. The sink is called on threads of the executor: the
/// messages of one connection one after the other and in order.
/// Source: Tomcat org.apache.catalina.tribes.ChannelReceiver; tribes-wire 7.
class Receiver {
 public:
  struct Address {
    Bytes host;
    std::int32_t port = 0, secure_port = -1, udp_port = -1;
  };
  virtual ~Receiver() = default;
  /// Listens when it returns. Errors: kIo naming the address and the ports that were tried.
  virtual Result<> start(Executor& executor, MessageSink sink) = 0;
  /// After this the sink is not running and will not be called.
  virtual void stop() = 0;
  /// What the member record announces. Requires: started.
  virtual Address address() const = 0;
  /// Most threads that the executor of the channel should have, and the least (0: it decides).
  virtual int max_threads() const = 0;
  virtual int min_threads() const = 0;
  /// For management, while started.
  virtual std::unique_ptr<Bean> bean() { return nullptr; }
};

}  // namespace serval::tribes
