#include "cluster/tribes/interceptors/throughput_interceptor.h"

#include <array>
#include <chrono>

#include "cluster/tribes/transport/channel_data.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.group.interceptors.ThroughputInterceptor"};
constexpr double kMegabyte = 1048576;

double megabytes(std::size_t bytes) { return static_cast<double>(bytes) / kMegabyte; }
double per_second(double amount, double seconds) { return seconds > 0 ? amount / seconds : 0; }

}  // namespace

std::span<const Attribute<ThroughputInterceptor::Options>> ThroughputInterceptor::attributes() {
  using O = Options;
  static const std::array table{
      attribute("interval", &O::interval, "messages between two reports in the log"),
      attribute("optionFlag", &O::option_flag, "without effect"),
  };
  return table;
}

void ThroughputInterceptor::add_figures(BeanTable<ThroughputInterceptor>& table) {
  using This = ThroughputInterceptor;
  const auto add = [&](std::string name, auto field) {
    table.read(std::move(name), [field](const This& t) { return t.figures().*field; });
  };
  add("LastCnt", &Figures::last_cnt);
  add("MbAppTx", &Figures::mb_app_tx);
  add("MbTx", &Figures::mb_tx);
  add("MbRx", &Figures::mb_rx);
  add("MsgRxCnt", &Figures::msg_rx_cnt);
  add("MsgTxCnt", &Figures::msg_tx_cnt);
  add("MsgTxErr", &Figures::msg_tx_err);
  add("RxStart", &Figures::rx_start);
  add("TxStart", &Figures::tx_start);
  add("TimeTx", &Figures::time_tx);
  // A JMXProxy has texts only, and this takes the time of sending.
  table.refuse("report", 1);
}

bool ThroughputInterceptor::is_due(std::int64_t messages) const {
  const int interval = options_->interval;
  return interval > 0 && messages % interval == 0;
}

ThroughputInterceptor::ThroughputInterceptor(const Options& options)
    : Interceptor(options.option_flag), options_(options) {}

Result<> ThroughputInterceptor::send(const Members& to, ChannelMessage message, Below below) {
  const std::size_t size = frame_size(message), destinations = to.size();
  begin_send();
  message.done = [this, size, destinations, done = std::move(message.done)](const SendReport& r) {
    end_send(size, destinations, r.ok());
    if (done) done(r);
  };
  auto sent = below.send(to, std::move(message));
  if (!sent) end_send(size, destinations, false);
  return sent;
}

void ThroughputInterceptor::begin_send() {
  const std::lock_guard lock(mutex_);
  if (sending_++ > 0) return;
  send_begin_ = services().clock().now();
  figures_.tx_start = services().clock().wall_ms();
}

void ThroughputInterceptor::end_send(std::size_t size, std::size_t destinations, bool ok) {
  bool due = false;
  {
    const std::lock_guard lock(mutex_);
    if (--sending_ == 0) {
      figures_.time_tx +=
          std::chrono::duration<double>(services().clock().now() - send_begin_).count();
    }
    if (ok) {
      figures_.mb_tx += megabytes(size * destinations);
      figures_.mb_app_tx += megabytes(size);
      ++figures_.msg_tx_cnt;
    } else {
      ++figures_.msg_tx_err;
    }
    due = ok && is_due(figures_.msg_tx_cnt);
    if (due) ++figures_.last_cnt;
  }
  if (due) report();
}

Result<> ThroughputInterceptor::receive(ChannelMessage message, Above above) {
  bool due = false;
  {
    const std::lock_guard lock(mutex_);
    if (figures_.rx_start == 0) figures_.rx_start = services().clock().wall_ms();
    figures_.mb_rx += megabytes(frame_size(message));
    ++figures_.msg_rx_cnt;
    due = is_due(figures_.msg_rx_cnt);
  }
  if (due) report();
  return above.receive(std::move(message));
}

ThroughputInterceptor::Figures ThroughputInterceptor::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

void ThroughputInterceptor::report() const {
  const Figures f = figures();
  const double receiving =
      f.rx_start == 0 ? 0 : static_cast<double>(services().clock().wall_ms() - f.rx_start) / 1000;
  kLog.info(
      "ThroughputInterceptor Report[\n\tTx Msg:{} messages\n\tSent:{:.2f} MB "
      "(total)\n\tSent:{:.2f} "
      "MB (application)\n\tTime:{:.2f} seconds\n\tTx Speed:{:.2f} MB/sec (total)\n\tTx "
      "Speed:{:.2f} MB/sec (application)\n\tError Msg:{}\n\tRx Msg:{} messages\n\tRx Speed:{:.2f} "
      "MB/sec (since 1st msg)\n\tReceived:{:.2f} MB]\n",
      f.msg_tx_cnt, f.mb_tx, f.mb_app_tx, f.time_tx, per_second(f.mb_tx, f.time_tx),
      per_second(f.mb_app_tx, f.time_tx), f.msg_tx_err, f.msg_rx_cnt,
      per_second(f.mb_rx, receiving), f.mb_rx);
}

}  // namespace serval::tribes
