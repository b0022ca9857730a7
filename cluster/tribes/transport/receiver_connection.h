#pragma once
#include <atomic>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cluster/tribes/transport/channel_data.h"
#include "cluster/tribes/transport/receiver.h"
#include "container/base/deadline.h"
#include "container/base/gate.h"

namespace serval::tribes {

/// One accepted connection: reads frames, hands the messages on, answers with ACKs.
///
/// ACKs come in the order of the frames. One without kSynchronizedAck is queued before its message
/// is handed on, one with it after; they leave together when all that had arrived is handled, or
/// sooner when a handler takes its time.
///
/// Errors: bytes that are no frame, or no message, close the connection; so does a frame that
/// begins and does not go on, or for which there is no memory.
/// Threads: start() and close() from any; the rest runs on the connection's shard. Handlers run
/// inline there.
/// Source: Tomcat org.apache.catalina.tribes.transport.nio.NioReplicationTask; tribes-wire 6, 7.
class ReceiverConnection final : public std::enable_shared_from_this<ReceiverConnection>,
                                 private Deadline {
 public:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                                  boost::asio::io_context::executor_type>;
  /// What all connections of a receiver share.
  struct Shared {
    MessageSink sink;
    Gate gate;  // entered while messages are handed on
    std::atomic<std::size_t> open{0};
    /// Bytes of frames that have begun and not ended, of all connections; and their limit.
    std::atomic<std::size_t> incomplete{0};
    std::size_t max_incomplete = 0;
    std::atomic<std::int64_t> reads{0};  // what came in them is handled
  };

  ReceiverConnection(Socket socket, boost::asio::io_context& shard, DeadlineWheel& wheel,
                     std::shared_ptr<Shared> shared);
  ~ReceiverConnection() override;

  void start();
  void close();

 private:
  void read();
  void on_read(std::size_t size);
  /// Takes the messages that are complete. Returns an error text when the bytes make no sense.
  std::string take_messages();
  void handle_messages();
  bool account_incomplete();
  void queue_ack(Ack ack);
  void flush_acks();
  void send_acks_locked();
  void expired() override;
  void fail(const std::string& why);

  Socket socket_;  // calls are guarded by io_mutex_: a handler that blocked may end late
  boost::asio::io_context& shard_;
  const std::shared_ptr<Shared> shared_;
  std::string peer_name_;
  std::atomic<bool> closed_{false};

  // Owned by the reader.
  FrameDecoder decoder_;
  MemberCache members_;
  std::vector<ChannelMessage> batch_;
  std::size_t incomplete_ = 0;  // its share of Shared::incomplete

  std::mutex io_mutex_;
  Bytes acks_;                   // guarded by io_mutex_; answers not written yet
  bool waits_writable_ = false;  // guarded by io_mutex_
};

}  // namespace serval::tribes
