#pragma once
#include <atomic>
#include <cstdint>
#include <span>

#include "cluster/tribes/interceptor.h"
#include "cluster/tribes/interceptors/drop_count.h"
#include "container/base/attribute.h"
#include "container/base/live_options.h"

namespace serval::tribes {

/// Compresses messages that are longer than compressionMinSize and marks them with its option flag;
/// inflates those that carry the mark. All nodes need the same flag. A message that its sender
/// marked is compressed whatever its size, because the receiver goes by the mark (Tomcat sends it
/// as it is, and its receiver drops it).
///
/// Copies: each message once. Blocks: no, but compressing takes its time on the sender's thread.
/// Units: sizes in bytes. Errors: what cannot be inflated, or inflates to more than maxInflatedSize
/// (Serval's own attribute), is dropped with a warning and acknowledged.
/// Source: Tomcat org.apache.catalina.tribes.group.interceptors.GzipInterceptor; tribes-wire 10.4.
class GzipInterceptor final : public Interceptor {
 public:
  struct Options {
    int compression_min_size = 0;
    bool stats_enabled = false;
    int interval = 0;  // messages between two reports, 0: none
    std::int64_t max_inflated_size = 64 * 1024 * 1024;
    tribes::Options option_flag = 0x100;
  };
  static std::span<const Attribute<Options>> attributes();
  static constexpr auto kSettable = std::to_array<std::string_view>(
      {"optionFlag", "compressionMinSize", "statsEnabled", "interval"});
  /// Sizes: "size" before compressing and after inflating, "compressed" and "uncompressed" as on
  /// the wire. All but count only with statsEnabled.
  struct Figures {
    std::int64_t count = 0, count_compressed_tx = 0, count_uncompressed_tx = 0,
                 count_compressed_rx = 0, count_uncompressed_rx = 0;
    std::int64_t size_tx = 0, compressed_size_tx = 0, uncompressed_size_tx = 0, size_rx = 0,
                 compressed_size_rx = 0, uncompressed_size_rx = 0;
  };

  explicit GzipInterceptor(const Options& options);

  Result<> send(const Members& to, ChannelMessage message, Below below) override;
  Result<> receive(ChannelMessage message, Above above) override;
  std::string_view simple_name() const override { return "GzipInterceptor"; }
  const Options& options() const { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.group.interceptors.GzipInterceptor");
  }

  /// What marks a message now.
  tribes::Options option_flag() const override { return options_->option_flag; }

  Figures figures() const;
  static void add_figures(BeanTable<GzipInterceptor>& table);
  void reset();
  /// Writes the figures to the log.
  void report() const;
  std::uint64_t dropped() const { return dropped_.count(); }

 private:
  struct Counters {
    std::atomic<std::int64_t> compressed{0}, uncompressed{0}, size{0}, compressed_size{0},
        uncompressed_size{0};
    void add(bool is_compressed, std::size_t plain, std::size_t on_wire);
    void reset();
  };
  bool is_marked(tribes::Options options) const { return (options & option_flag()) != 0; }
  void counted();

  LiveOptions<Options> options_;
  std::atomic<std::int64_t> count_{0};
  Counters tx_, rx_;
  DropCount dropped_;
};

}  // namespace serval::tribes
