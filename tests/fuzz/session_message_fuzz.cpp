// Any bytes as a SessionMessageImpl, and its payload by the kind of the event.
#include <cstdlib>

#include "cluster/ha/deploy/file_message.h"
#include "cluster/ha/session/session_content.h"
#include "cluster/ha/session/session_message.h"

namespace serval::ha {
namespace {

void check_sessions(const Bytes& stream) {
  std::vector<SessionContent> sessions;
  ObjectReader::Options limits;
  limits.max_memory = 16UL << 20;
  if (!read_all_sessions(
          stream, [&](SessionContent&& session) { sessions.push_back(std::move(session)); },
          limits)) {
    return;
  }
  AllSessionsWriter writer(sessions.size(), {true, {}});
  for (const auto& session : sessions) writer.add(session);
  std::size_t again = 0;
  const Bytes bytes = writer.finish();
  if (!read_all_sessions(bytes, [&](SessionContent&&) { ++again; }) || again != sessions.size()) {
    std::abort();
  }
}

}  // namespace
}  // namespace serval::ha

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace serval;
  using namespace serval::ha;
  const std::span<const std::uint8_t> stream(data, size);
  if (const auto message = SessionMessage::decode(stream)) {
    const auto again = SessionMessage::decode(message->encode());
    if (!again || again->session != message->session || again->event_type != message->event_type ||
        again->timestamp != message->timestamp || again->session_id != message->session_id) {
      std::abort();
    }
    if (message->session) check_sessions(*message->session);
  }
  check_sessions(Bytes(data, data + size));
  if (const auto session = decode_session_object(stream)) {
    if (!decode_session_object(encode_session_object(*session, {true, {}}))) std::abort();
  }
  if (const auto file = FileMessage::decode(stream); file && file->data.size() <= 10240) {
    if (!FileMessage::decode(file->encode())) std::abort();
  }
  if (const auto undeploy = UndeployMessage::decode(stream)) {
    if (!UndeployMessage::decode(undeploy->encode(1))) std::abort();
  }
  return 0;
}
