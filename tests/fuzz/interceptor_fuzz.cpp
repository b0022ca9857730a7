// What a peer may send to the interceptors that take messages apart: decryption, fragments, gzip,
// numbers, confirmations and elections. The first byte chooses the interceptor; the rest is a sequence of
// messages, each with a byte for sender, id and options and a length.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "cluster/tribes/interceptors/encrypt_interceptor.h"
#include "cluster/tribes/interceptors/fragmentation_interceptor.h"
#include "cluster/tribes/interceptors/gzip_interceptor.h"
#include "cluster/tribes/interceptors/non_blocking_coordinator.h"
#include "cluster/tribes/interceptors/order_interceptor.h"
#include "cluster/tribes/interceptors/two_phase_commit_interceptor.h"
#include "container/base/error.h"
#include "tests/support/interceptor_bench.h"
#include "tests/support/log_capture.h"

namespace serval::tribes {
namespace {

constexpr std::int64_t kMemory = 4096;

std::unique_ptr<Interceptor> encrypt(const char* algorithm, MessageForm form) {
  EncryptInterceptor::Options options;
  options.encryption_algorithm = algorithm;
  options.encryption_key = "000102030405060708090a0b0c0d0e0f";
  options.message_form = form;
  return std::make_unique<EncryptInterceptor>(options);
}

std::unique_ptr<Interceptor> interceptor(std::uint8_t choice) {
  switch (choice % 8) {
    case 0:
      return encrypt("AES/GCM/NoPadding", MessageForm::kAuto);
    case 1:
      return encrypt("AES/CBC/PKCS5Padding", MessageForm::kTimestamp);
    case 2:
      return encrypt("AES/CFB/NoPadding", MessageForm::kAuto);
    case 3:
      return std::make_unique<FragmentationInterceptor>(
          FragmentationInterceptor::Options{.max_waiting_size = kMemory});
    case 4:
      return std::make_unique<GzipInterceptor>(
          GzipInterceptor::Options{.max_inflated_size = kMemory});
    case 5:
      return std::make_unique<OrderInterceptor>(
          OrderInterceptor::Options{.max_queue_size = kMemory});
    case 6:
      return std::make_unique<NonBlockingCoordinator>(
          NonBlockingCoordinator::Options(), [](const Members& members) {
            return std::vector<bool>(members.size(), true);
          });
    default:
      return std::make_unique<TwoPhaseCommitInterceptor>(
          TwoPhaseCommitInterceptor::Options{.max_waiting_size = kMemory});
  }
}

std::size_t held_by(const Interceptor& one) {
  if (const auto* a = dynamic_cast<const FragmentationInterceptor*>(&one))
    return a->waiting_bytes();
  if (const auto* b = dynamic_cast<const OrderInterceptor*>(&one)) return b->held_bytes();
  if (const auto* c = dynamic_cast<const TwoPhaseCommitInterceptor*>(&one)) {
    return c->waiting_bytes();
  }
  return 0;
}

void fuzz(std::span<const std::uint8_t> input) {
  if (input.empty()) return;
  auto made = interceptor(input.front());
  const Interceptor& one = *made;
  InterceptorBench bench(std::move(made));
  SERVAL_ASSERT(bench.stack().start(15), "the settings are right");
  bench.stack().started(15);
  input = input.subspan(1);
  while (input.size() >= 2) {
    const std::uint8_t head = input[0];
    const std::size_t size = std::min<std::size_t>(input[1] * 4, input.size() - 2);
    const auto content = input.subspan(2, size);
    input = input.subspan(2 + size);
    auto message =
        InterceptorBench::message(head & 0x80 ? 0x100 : 0, {content.begin(), content.end()});
    message.address = InterceptorBench::member(head & 3);
    message.id.fill(head >> 2 & 7);
    message.timestamp = bench.time.wall_ms();
    SERVAL_ASSERT(bench.stack().from_bottom().receive(std::move(message)), "nothing is an error");
    bench.run_posted();
    SERVAL_ASSERT(held_by(one) <= kMemory, "memory is bounded");
    for (const ChannelMessage& up : bench.top().received) {
      SERVAL_ASSERT(up.content && up.content->size() <= 2 * kMemory, "so is what goes up");
    }
    bench.top().received.clear();
    if (head & 0x40) {
      bench.time.advance(std::chrono::minutes(2));
      bench.stack().from_top().heartbeat();
    }
    if (head & 0x20) {
      bench.stack().from_bottom().member_disappeared(InterceptorBench::member(head & 3));
    }
  }
}

}  // namespace
}  // namespace serval::tribes

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const serval::test::LogCapture quiet(serval::Level::kOff);
  serval::tribes::fuzz({data, size});
  return 0;
}
