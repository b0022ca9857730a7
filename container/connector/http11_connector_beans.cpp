// What a connector that runs shows to management.
#include <fmt/format.h>

#include "container/base/bean.h"
#include "container/connector/endpoint.h"
#include "container/connector/http11_connector.h"

namespace serval::connector {

namespace {

std::int64_t ms(std::chrono::nanoseconds time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

const BeanTable<ConnectionTable>& requests_table() {
  using Table = ConnectionTable;
  static const auto table =
      BeanTable<Table>{"org.apache.coyote.RequestGroupInfo", {}, {}}
          .read("requestCount",
                [](const Table& t) { return static_cast<int>(t.totals().requests); })
          .read("errorCount", [](const Table& t) { return static_cast<int>(t.totals().errors); })
          .read("bytesReceived", [](const Table& t) { return t.totals().received; })
          .read("bytesSent", [](const Table& t) { return t.totals().sent; })
          .read("processingTime", [](const Table& t) { return ms(t.totals().time); })
          .read("maxTime", [](const Table& t) { return ms(t.totals().longest); })
          .run("resetCounters", [](Table& t) { t.reset_totals(); });
  return table;
}

}  // namespace

/// Tomcat's settings of its endpoint, as far as this one has them; the names of threads, pollers
/// and sniffers have nothing to stand for.
const BeanTable<Http11Connector>& Http11Connector::thread_pool_table() {
  using This = Http11Connector;
  static const auto table = [] {
    BeanTable<This> made{"org.apache.tomcat.util.net.NioEndpoint", {}, {}};
    made.bean_class = "org.apache.catalina.mbeans.ClassNameMBean";
    const auto count = [&made](const char* name, auto figure) {
      made.read(name, [figure](const This& c) { return static_cast<int>(figure(c)); });
    };
    count("currentThreadCount", [](const This& c) { return c.thread_count(); });
    count("currentThreadsBusy", [](const This& c) { return c.busy_count(); });
    count("keepAliveCount", [](const This& c) { return c.endpoint_->connections.idle_count(); });
    count("connectionTimeout", [](const This& c) { return c.options_.connection_timeout.count(); });
    count("keepAliveTimeout", [](const This& c) { return c.options_.idle_timeout().count(); });
    made.read("connectionCount",
              [](const This& c) { return static_cast<std::int64_t>(c.connection_count()); })
        .read("maxThreads", [](const This& c) { return c.options_.max_threads; })
        .read("maxConnections", [](const This& c) { return c.options_.max_connections; })
        .read("acceptCount", [](const This& c) { return c.options_.accept_count; })
        .read("maxKeepAliveRequests",
              [](const This& c) { return c.options_.max_keep_alive_requests; })
        .read("executorTerminationTimeoutMillis",
              [](const This& c) { return c.options_.executor_termination_timeout; })
        .read("tcpNoDelay", [](const This& c) { return c.options_.tcp_no_delay; })
        .read("connectionLinger", [](const This& c) { return c.options_.linger_seconds; })
        .read("bindOnInit", [](const This& c) { return c.options_.bind_on_init; })
        .read("useSendfile", [](const This&) { return true; })
        .read("sSLEnabled", [](const This&) { return false; })
        .read("alpnSupported", [](const This&) { return false; })
        .read("deferAccept", [](const This&) { return false; })
        .read("running", [](const This& c) { return c.is_available(); })
        .read("paused", [](const This& c) { return c.endpoint_->draining.load(); })
        .read("port", [](const This& c) { return c.options_.port; })
        .read("portOffset", [](const This& c) { return c.port_offset_; })
        .read("portWithOffset", [](const This& c) { return c.port(); })
        .read("localPort", [](const This& c) { return c.local_port_; })
        .read("name", [](const This& c) { return c.name(); });
    return made;
  }();
  return table;
}

std::vector<core::Connector::TypedBean> Http11Connector::beans() {
  std::vector<TypedBean> all;
  all.push_back({"ThreadPool",
                 make_bean(*this, thread_pool_table(), fmt::format("NioEndpoint[{}]", name()))});
  all.push_back({"GlobalRequestProcessor", make_bean(endpoint_->connections, requests_table(),
                                                     fmt::format("RequestGroupInfo[{}]", name()))});
  return all;
}

}  // namespace serval::connector
