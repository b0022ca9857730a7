// container/connector/http11_connector.h
#pragma once
#include <memory>
#include <vector>

#include "container/base/executor.h"
#include "container/connector/http11_options.h"
#include "container/core/connector.h"

namespace serval::connector {

struct Endpoint;
class Listener;
class Descriptor;

/// HTTP/1.1 on one port: a listener per shard, connections served inline on the shard's thread.
///
/// init() binds (start() with bindOnInit=false), start() accepts, pause() stops accepting. drain()
/// gives idle connections a moment for a request that is on its way, and running requests
/// executorTerminationTimeoutMillis, counted from pause(). stop() breaks what is left then and
/// joins the threads.
///
/// Errors: init() and start(): "Protocol handler initialization failed: [127.0.0.1:8080]: Address
/// already in use".
/// Threads: the owner's.
/// Source: Tomcat Connector, Http11NioProtocol, AbstractProtocol (log lines); DESIGN §3.
class Http11Connector final : public core::Connector {
 public:
  using Options = Http11Options;
  static std::span<const Attribute<Options>> attributes() { return Options::attributes(); }

  explicit Http11Connector(Options options);
  ~Http11Connector() override;

  const Settings& settings() const override { return settings_; }
  void set_adapter(core::Adapter& adapter) override { adapter_ = &adapter; }
  void set_port_offset(int offset) override;
  int local_port() const override { return local_port_; }
  std::string name() const override;
  void pause() override;
  std::size_t drain() override;
  /// ThreadPool and GlobalRequestProcessor.
  std::vector<TypedBean> beans() override;

  /// Open connections, threads and busy threads, for tests and JMX.
  std::size_t connection_count() const;
  std::size_t thread_count() const;
  std::size_t busy_count() const;

 protected:
  Result<> do_init() override;
  Result<> do_start() override;
  void do_stop() override;
  void do_destroy() override;

 private:
  static const BeanTable<Http11Connector>& thread_pool_table();
  int port() const { return options_.port > 0 ? options_.port + port_offset_ : options_.port; }
  Result<> bind();
  std::size_t shards() const;

  const Options options_;
  Settings settings_;     // redirect_port with the offset
  const int name_index_;  // "auto-1": for ports that the system chooses
  core::Adapter* adapter_ = nullptr;
  int port_offset_ = 0;
  int local_port_ = 0;
  bool paused_ = false;
  std::chrono::steady_clock::time_point limit_;  // of what runs, once it is paused
  std::vector<Descriptor> sockets_;
  // Destroyed bottom up: connections die with the executor's contexts and leave the endpoint.
  std::unique_ptr<Endpoint> endpoint_;
  std::unique_ptr<Executor> executor_;
  std::vector<std::shared_ptr<Listener>> listeners_;
};

}  // namespace serval::connector
