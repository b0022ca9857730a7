#include "cluster/tribes/transport/nio_receiver.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/host_name.hpp>
#include <mutex>
#include <optional>
#include <vector>

#include "cluster/tribes/transport/endpoint.h"
#include "cluster/tribes/transport/receiver_connection.h"
#include "cluster/tribes/transport/socket_options.h"
#include "cluster/tribes/transport/udp_receiver.h"
#include "container/base/log.h"
#include "container/base/steady_timer.h"

namespace serval::tribes {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;
using Socket = ReceiverConnection::Socket;

const Log kLog{"org.apache.catalina.tribes.transport.nio.NioReceiver"};
const Log kBaseLog{"org.apache.catalina.tribes.transport.ReceiverBase"};

constexpr std::size_t kMaxConnections = 2000;
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::seconds kHandlerPatience{10};

Error io_error(std::string text) { return Error{Errc::kIo, std::move(text)}; }

Result<asio::ip::address> resolve(const std::string& text) {
  const std::string name = text == "auto" ? asio::ip::host_name() : text;
  boost::system::error_code ec;
  const auto literal = asio::ip::make_address(name, ec);
  if (!ec) return literal;
  asio::io_context context;
  tcp::resolver resolver(context);
  const auto found = resolver.resolve(name, "", ec);
  if (ec || found.empty()) {
    return io_error(fmt::format("Receiver address [{}]: host name [{}] does not resolve: {}", text,
                                name, ec.message()));
  }
  return found.begin()->endpoint().address();
}

std::string text_of(const tcp::endpoint& endpoint) {
  return fmt::format("/{}:{}", endpoint.address().to_string(), endpoint.port());
}

}  // namespace

/// Lives as long as a handler of its acceptor does.
struct NioReceiver::Impl : std::enable_shared_from_this<Impl> {
  Impl(const Options& given, Executor& on, MessageSink sink)
      : options(given),
        executor(on),
        acceptor(executor.shard(0)),
        pause(executor.shard(0)),
        shared(std::make_shared<ReceiverConnection::Shared>()) {
    shared->sink = std::move(sink);
    shared->max_incomplete = options.max_incomplete;
  }

  Result<> listen();
  Result<> listen_udp(const asio::ip::address& address);
  Result<bool> try_port(const tcp::endpoint& endpoint);
  void accept();
  void accept_later(boost::system::error_code why);
  void accepted(Socket socket, std::size_t shard);
  void stop();

  const Options options;
  Executor& executor;
  Acceptor acceptor;  // guarded by mutex, as is the rest
  SteadyTimer pause;
  const std::shared_ptr<ReceiverConnection::Shared> shared;
  std::mutex mutex;
  bool stopped = false;
  bool too_many_logged = false;
  std::size_t next_shard = 0;
  tcp::endpoint bound;
  std::shared_ptr<UdpReceiver> udp;  // null: no UDP port
  std::vector<std::weak_ptr<ReceiverConnection>> connections;
};

/// False: the port is taken, another one may be free.
Result<bool> NioReceiver::Impl::try_port(const tcp::endpoint& endpoint) {
  boost::system::error_code ec;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec && options.so_reuse_address) {
    acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  }
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (!ec) {
    bound = acceptor.local_endpoint();
    return true;
  }
  boost::system::error_code ignored;
  acceptor.close(ignored);
  if (ec == asio::error::address_in_use) return false;
  return io_error(
      fmt::format("Receiver cannot listen on [{}]: {}", text_of(endpoint), ec.message()));
}

Result<> NioReceiver::Impl::listen() {
  const auto address = resolve(options.address);
  if (!address) return address.error();
  const int tries = std::max(1, options.auto_bind);
  for (int port = options.port; port < options.port + tries; ++port) {
    if (port < 0 || port > 65535) break;
    const auto done = try_port({*address, static_cast<std::uint16_t>(port)});
    if (!done) return done.error();
    if (!*done) continue;
    kBaseLog.info("Receiver Server Socket bound to:[{}]", text_of(bound));
    return listen_udp(*address);
  }
  return io_error(fmt::format("Receiver: no free port in {}:{}-{} (attributes port, autoBind)",
                              address->to_string(), options.port, options.port + tries - 1));
}

Result<> NioReceiver::Impl::listen_udp(const asio::ip::address& address) {
  if (options.udp_port <= 0) return {};
  auto opened = std::make_shared<UdpReceiver>(executor.shard(0), shared);
  const auto done = opened->open(
      address, {options.udp_port, std::max(1, options.auto_bind), options.udp_rx_buf_size,
                options.udp_tx_buf_size, options.so_traffic_class});
  if (done) udp = std::move(opened);
  return done;
}

void NioReceiver::Impl::accept() {
  const std::lock_guard lock(mutex);
  if (stopped) return;
  const std::size_t shard = next_shard++ % executor.shard_count();
  acceptor.async_accept(executor.shard(shard), [self = shared_from_this(), shard](
                                                   boost::system::error_code ec, Socket socket) {
    if (ec == asio::error::operation_aborted) return;
    if (ec) return self->accept_later(ec);
    self->accepted(std::move(socket), shard);
    self->accept();
  });
}

/// Out of descriptors, for example: the peers wait in the kernel's queue.
void NioReceiver::Impl::accept_later(boost::system::error_code why) {
  kLog.warn("Unable to accept a connection: {}", why.message());
  const std::lock_guard lock(mutex);
  pause.expires_after(kAcceptPause);
  pause.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
    if (!cancelled) self->accept();
  });
}

void NioReceiver::Impl::accepted(Socket socket, std::size_t shard) {
  if (shared->open.load() >= kMaxConnections) {
    if (!std::exchange(too_many_logged, true)) {
      kLog.warn("More than [{}] connections of members; further ones are refused", kMaxConnections);
    }
    return;
  }
  apply_socket_options(
      socket.native_handle(),
      {options.rx_buf_size, options.tx_buf_size, options.tcp_no_delay, options.so_keep_alive,
       options.oob_inline, options.so_reuse_address, options.so_traffic_class});
  const auto connection = std::make_shared<ReceiverConnection>(
      std::move(socket), executor.shard(shard), executor.deadlines(shard), shared);
  {
    const std::lock_guard lock(mutex);
    if (stopped) return;
    std::erase_if(connections, [](const auto& weak) { return weak.expired(); });
    connections.push_back(connection);
  }
  connection->start();
}

void NioReceiver::Impl::stop() {
  std::vector<std::weak_ptr<ReceiverConnection>> open;
  {
    const std::lock_guard lock(mutex);
    stopped = true;
    boost::system::error_code ignored;  // it is closed either way
    acceptor.close(ignored);
    pause.cancel();
    open.swap(connections);
  }
  if (udp) udp->stop();
  for (const auto& weak : open) {
    if (const auto connection = weak.lock()) connection->close();
  }
  shared->gate.close();
  while (!shared->gate.wait_empty(kHandlerPatience)) {
    kLog.warn("The receiver waits for a message handler that does not return");
  }
}

NioReceiver::NioReceiver() : NioReceiver(Options()) {}
NioReceiver::NioReceiver(const Options& options) : options_(options) {}
NioReceiver::~NioReceiver() { stop(); }

void NioReceiver::add_figures(BeanTable<NioReceiver>& table) {
  table
      .read("Address",
            [](const NioReceiver& r) {
              Member here;
              here.host = r.address().host;
              return here.host_text();
            })
      .read("Port", [](const NioReceiver& r) { return r.address().port; })
      .read("UdpPort", [](const NioReceiver& r) { return r.address().udp_port; })
      .read("AutoBind", [](const NioReceiver& r) { return std::max(1, r.options().auto_bind); })
      .read("Listening", [](const NioReceiver& r) { return r.impl_ != nullptr; })
      .read("PoolSize",
            [](const NioReceiver& r) {
              return r.impl_ ? static_cast<int>(r.impl_->executor.thread_count()) : 0;
            })
      // A task is what came in one read of a connection.
      .read("ActiveCount", [](const NioReceiver& r) { return static_cast<int>(r.tasks_now()); })
      .read("TaskCount", [](const NioReceiver& r) { return r.tasks_done() + r.tasks_now(); })
      .read("CompletedTaskCount", [](const NioReceiver& r) { return r.tasks_done(); })
      .read("ConnectionCount",
            [](const NioReceiver& r) { return static_cast<int>(r.connection_count()); });
}

std::span<const Attribute<NioReceiver::Options>> NioReceiver::attributes() {
  using O = Options;
  static const std::array table{
      attribute("address", &O::address, "address to listen on; auto: that of the host name"),
      hidden(attribute("host", &O::address, "same as address")),
      hidden(attribute("bind", &O::address, "same as address")),
      attribute("port", &O::port, "first port to try"),
      attribute("autoBind", &O::auto_bind, "how many ports to try"),
      attribute("maxThreads", &O::max_threads, "most threads of the channel"),
      attribute("minThreads", &O::min_threads,
                "least threads of the channel, below maxThreads; 0: as many as are useful"),
      attribute("securePort", &O::secure_port, "announced to the members, -1 none"),
      attribute("udpPort", &O::udp_port, "first UDP port to try, -1 none"),
      attribute("rxBufSize", &O::rx_buf_size, "socket receive buffer, bytes; 0: the system's"),
      attribute("txBufSize", &O::tx_buf_size, "socket send buffer, bytes; 0: the system's"),
      attribute("maxIncompleteSize", &O::max_incomplete,
                "bytes that frames which are not complete may hold together"),
      attribute("udpRxBufSize", &O::udp_rx_buf_size, "receive buffer of the UDP port, bytes"),
      attribute("udpTxBufSize", &O::udp_tx_buf_size, "send buffer of the UDP port, bytes"),
      attribute("tcpNoDelay", &O::tcp_no_delay, "TCP_NODELAY"),
      attribute("soKeepAlive", &O::so_keep_alive, "SO_KEEPALIVE"),
      attribute("ooBInline", &O::oob_inline, "SO_OOBINLINE"),
      attribute("soReuseAddress", &O::so_reuse_address, "SO_REUSEADDR"),
      attribute("soTrafficClass", &O::so_traffic_class, "IP type of service"),
      attribute("maxIdleTime", &O::max_idle_time, "no meaning here: threads come when needed"),
      attribute("selectorTimeout", &O::selector_timeout, "no meaning here: nobody polls"),
      attribute("timeout", &O::timeout, "no meaning here: no key of a selector expires"),
      attribute("direct", &O::direct, "no meaning here: there is one kind of memory"),
      attribute("useBufferPool", &O::use_buffer_pool,
                "no meaning here: buffers stay with connections"),
      attribute("soLingerOn", &O::so_linger_on, "no meaning here: closing never waits"),
      attribute("soLingerTime", &O::so_linger_time, "no meaning here: as soLingerOn"),
  };
  return table;
}

Result<> NioReceiver::start(Executor& executor, MessageSink sink) {
  if (impl_) return Error{Errc::kBadState, "the receiver is started already"};
  auto impl = std::make_shared<Impl>(options_, executor, std::move(sink));
  if (auto done = impl->listen(); !done) return done;
  impl_ = std::move(impl);
  impl_->accept();
  if (impl_->udp) impl_->udp->start();
  return {};
}

void NioReceiver::stop() {
  if (!impl_) return;
  impl_->stop();
  impl_.reset();
}

Receiver::Address NioReceiver::address() const {
  SERVAL_ASSERT(impl_, "the receiver has an address once it is started");
  return {host_bytes(impl_->bound.address()), impl_->bound.port(), options_.secure_port,
          impl_->udp ? impl_->udp->port() : -1};
}

std::int64_t NioReceiver::tasks_now() const {
  return impl_ ? static_cast<std::int64_t>(impl_->executor.busy_count()) : 0;
}
std::int64_t NioReceiver::tasks_done() const { return impl_ ? impl_->shared->reads.load() : 0; }

std::size_t NioReceiver::connection_count() const { return impl_ ? impl_->shared->open.load() : 0; }

}  // namespace serval::tribes
