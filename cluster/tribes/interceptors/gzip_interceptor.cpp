#include "cluster/tribes/interceptors/gzip_interceptor.h"

#include <fmt/format.h>

#include <array>

#include "cluster/tribes/interceptors/gzip.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {
const Log kLog{"org.apache.catalina.tribes.group.interceptors.GzipInterceptor"};
}

std::span<const Attribute<GzipInterceptor::Options>> GzipInterceptor::attributes() {
  using O = Options;
  static const std::array table{
      attribute("compressionMinSize", &O::compression_min_size,
                "messages of at most so many bytes stay as they are"),
      attribute("statsEnabled", &O::stats_enabled, "count sizes"),
      attribute("interval", &O::interval, "messages between two reports in the log, 0 none"),
      attribute("maxInflatedSize", &O::max_inflated_size,
                "bytes that a received message may have after inflating"),
      attribute("optionFlag", &O::option_flag, "marks compressed messages; equal on all nodes"),
  };
  return table;
}

void GzipInterceptor::add_figures(BeanTable<GzipInterceptor>& table) {
  using This = GzipInterceptor;
  const auto add = [&](std::string name, auto field) {
    table.read(std::move(name), [field](const This& g) { return g.figures().*field; });
  };
  add("Count", &Figures::count);
  add("CountCompressedTX", &Figures::count_compressed_tx);
  add("CountUncompressedTX", &Figures::count_uncompressed_tx);
  add("CountCompressedRX", &Figures::count_compressed_rx);
  add("CountUncompressedRX", &Figures::count_uncompressed_rx);
  add("SizeTX", &Figures::size_tx);
  add("CompressedSizeTX", &Figures::compressed_size_tx);
  add("UncompressedSizeTX", &Figures::uncompressed_size_tx);
  add("SizeRX", &Figures::size_rx);
  add("CompressedSizeRX", &Figures::compressed_size_rx);
  add("UncompressedSizeRX", &Figures::uncompressed_size_rx);
  table.run("reset", [](This& g) { g.reset(); }).run("report", [](This& g) { g.report(); });
}

GzipInterceptor::GzipInterceptor(const Options& options)
    : Interceptor(options.option_flag), options_(options) {}

Result<> GzipInterceptor::send(const Members& to, ChannelMessage message, Below below) {
  const std::size_t plain = message.content->size();
  const bool compress = static_cast<std::int64_t>(plain) > options_->compression_min_size ||
                        is_marked(message.options);
  if (compress) {
    message.content = std::make_shared<const Bytes>(gzip(*message.content));
    message.options |= option_flag();
  }
  if (options_->stats_enabled) tx_.add(compress, plain, message.content->size());
  auto sent = below.send(to, std::move(message));
  if (sent) counted();
  return sent;
}

Result<> GzipInterceptor::receive(ChannelMessage message, Above above) {
  const std::size_t on_wire = message.content->size();
  const bool compressed = is_marked(message.options);
  if (compressed) {
    auto plain = gunzip(*message.content, static_cast<std::size_t>(options_->max_inflated_size));
    if (!plain) {
      const bool too_big = plain.error().code == Errc::kInvalidArgument;
      dropped_.add(kLog, message,
                   "Unable to decompress byte contents: " +
                       (too_big ? fmt::format("they have more than maxInflatedSize [{}] bytes",
                                              options_->max_inflated_size)
                                : plain.error().message));
      return {};
    }
    message.content = std::make_shared<const Bytes>(*std::move(plain));
  }
  if (options_->stats_enabled) rx_.add(compressed, message.content->size(), on_wire);
  auto received = above.receive(std::move(message));
  counted();
  return received;
}

void GzipInterceptor::counted() {
  const std::int64_t count = count_.fetch_add(1, std::memory_order_relaxed) + 1;
  const Options& now = *options_;
  if (now.stats_enabled && now.interval > 0 && count % now.interval == 0) report();
}

void GzipInterceptor::Counters::add(bool is_compressed, std::size_t plain, std::size_t on_wire) {
  ++(is_compressed ? compressed : uncompressed);
  size += static_cast<std::int64_t>(plain);
  (is_compressed ? compressed_size : uncompressed_size) += static_cast<std::int64_t>(on_wire);
}

void GzipInterceptor::Counters::reset() {
  for (auto* one : {&compressed, &uncompressed, &size, &compressed_size, &uncompressed_size}) {
    *one = 0;
  }
}

GzipInterceptor::Figures GzipInterceptor::figures() const {
  return {count_,
          tx_.compressed,
          tx_.uncompressed,
          rx_.compressed,
          rx_.uncompressed,
          tx_.size,
          tx_.compressed_size,
          tx_.uncompressed_size,
          rx_.size,
          rx_.compressed_size,
          rx_.uncompressed_size};
}

void GzipInterceptor::reset() {
  count_ = 0;
  tx_.reset();
  rx_.reset();
}

void GzipInterceptor::report() const {
  const Figures f = figures();
  kLog.info(
      "GZip Interceptor Report[\n\tTotal Messages: {}\n\tTx Messages Compressed: {}\n\tTx Messages "
      "Uncompressed: {}\n\tRx Messages Compressed: {}\n\tRx Messages Uncompressed: {}\n\tTotal Tx "
      "bytes: {}\n\tCompressed Tx bytes: {}\n\tUncompressed Tx bytes: {}\n\tTotal Rx bytes: "
      "{}\n\tCompressed Rx bytes: {}\n\tUncompressed Rx bytes: {}\n]",
      f.count, f.count_compressed_tx, f.count_uncompressed_tx, f.count_compressed_rx,
      f.count_uncompressed_rx, f.size_tx, f.compressed_size_tx, f.uncompressed_size_tx, f.size_rx,
      f.compressed_size_rx, f.uncompressed_size_rx);
}

}  // namespace serval::tribes
