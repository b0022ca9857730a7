#include "container/connector/listener.h"

#include <fmt/format.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/post.hpp>
#include <cstring>

#include "container/base/log.h"
#include "container/connector/http11_connection.h"

namespace serval::connector {
namespace {

const Log kLog{"org.apache.tomcat.util.net.Acceptor"};

constexpr std::chrono::milliseconds kFirstPause{50}, kLongestPause{1600};

/// The system drops what still comes to a listening socket: clients try again a moment later, and
/// are refused if it is closed by then.
void drop_packets(int listening) {
  sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_fprog program{1, &drop};
  // Without it a client that connects in this moment is reset instead of refused.
  static_cast<void>(
      ::setsockopt(listening, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
}

/// Gives an accepted connection to another loop. After an error it is closed.
boost::system::error_code move_to(asio::io_context& loop, const asio::ip::tcp& protocol,
                                  Socket& socket) {
  boost::system::error_code error;
  Descriptor descriptor(socket.release(error));
  if (error) return error;
  Socket moved(loop.get_executor());
  moved.assign(protocol, descriptor.get(), error);
  if (error) return error;
  descriptor.release();
  socket = std::move(moved);
  return {};
}

/// co_await until there are no more than maxConnections.
class Room {
 public:
  Room(ConnectionTable& table, asio::io_context& loop) : table_(table), loop_(loop) {}
  bool await_ready() const { return !table_.is_over_limit(); }
  void await_suspend(std::coroutine_handle<> handle) {
    table_.when_there_is_room([&loop = loop_, handle] {
      asio::post(loop, [owned = Suspended(handle)]() mutable { owned.resume(); });
    });
  }
  void await_resume() const {}

 private:
  ConnectionTable& table_;
  asio::io_context& loop_;
};

}  // namespace

Listener::Listener(Endpoint& endpoint, Shard& shard, Descriptor socket)
    : endpoint_(endpoint),
      shard_(shard),
      acceptor_(shard.loop.get_executor()),
      pause_(shard.loop.get_executor()) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  acceptor_.assign(address.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(),
                   socket.release());
}

void Listener::start() {
  asio::post(shard_.loop, [self = shared_from_this()] { run(self); });
}

std::future<void> Listener::stop() {
  auto closed = std::make_shared<std::promise<void>>();
  asio::post(shard_.loop, [self = shared_from_this(), closed] {
    self->stopped_ = true;
    self->take_the_rest();
    boost::system::error_code ignored;  // it is given up either way
    self->acceptor_.close(ignored);
    self->pause_.cancel();
    closed->set_value();
  });
  return closed->get_future();
}

/// A client whose connection the system has made already believes to be connected: closing the
/// socket would reset it.
void Listener::take_the_rest() {
  drop_packets(acceptor_.native_handle());  // so that no other one comes meanwhile
  boost::system::error_code none_left;
  acceptor_.non_blocking(true, none_left);
  for (;;) {
    Socket socket(shard_.loop.get_executor());
    asio::ip::tcp::endpoint peer;
    acceptor_.accept(socket, peer, none_left);
    if (none_left) return;
    Http11Connection::run(
        std::make_unique<Http11Connection>(endpoint_, shard_, std::move(socket), peer));
  }
}

Detached Listener::run(std::shared_ptr<Listener> self) {
  Listener& l = *self;
  while (!l.stopped_) {
    Socket socket(l.shard_.loop.get_executor());
    asio::ip::tcp::endpoint peer;
    auto [error, none] = co_await Operation(l.memory_, [&](auto handler) {
      l.acceptor_.async_accept(socket, peer, std::move(handler));
    });
    Shard& home = l.endpoint_.home_for_next(l.shard_);
    if (!error && &home != &l.shard_) error = move_to(home.loop, peer.protocol(), socket);
    if (error) {
      if (!l.stopped_ && l.pause_after(error)) {
        co_await Operation(l.memory_,
                           [&l](auto handler) { l.pause_.async_wait(std::move(handler)); });
      }
      continue;
    }
    l.pause_time_ = {};
    auto connection =
        std::make_unique<Http11Connection>(l.endpoint_, home, std::move(socket), peer);
    co_await Room(l.endpoint_.connections, l.shard_.loop);
    if (&home == &l.shard_) {
      Http11Connection::run(std::move(connection));
    } else {
      asio::post(home.loop, [connection = std::move(connection)]() mutable {
        Http11Connection::run(std::move(connection));
      });
    }
  }
}

/// Lack of descriptors or memory: waits longer each time, as Tomcat does. A client that has gone is
/// no reason to.
bool Listener::pause_after(const boost::system::error_code& error) {
  if (error == asio::error::connection_aborted) return false;
  pause_time_ = pause_time_.count() == 0 ? kFirstPause : std::min(2 * pause_time_, kLongestPause);
  kLog.error("Socket accept failed: {}", error.message());
  pause_.expires_after(pause_time_);
  return true;
}

}  // namespace serval::connector
