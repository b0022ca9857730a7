#include "container/session/standard_manager.h"

#include <fmt/format.h>

#include <system_error>

#include "container/base/log.h"
#include "container/session/manager_bean.h"
#include "container/session/session_file.h"

namespace serval::core {
namespace fs = std::filesystem;
namespace {
const Log kLog{"org.apache.catalina.session.StandardManager"};
}

std::span<const Attribute<StandardManager::Options>> StandardManager::attributes() {
  static const auto table = [] {
    auto rows = shared_attributes<Options>();
    rows.push_back(attribute("pathname", &Options::pathname,
                             "file of the sessions over a restart, in the work directory; empty: "
                             "they end"));
    return rows;
  }();
  return table;
}

StandardManager::StandardManager(Options options, const Clock& clock)
    : StoringManager(options, clock), options_(std::move(options)) {}

std::unique_ptr<Bean> StandardManager::bean(std::string_view place) {
  return local_manager_bean(*this, "org.apache.catalina.session.StandardManager", resource(place));
}

Result<> StandardManager::do_start() {
  if (options_->pathname.empty()) return {};
  const fs::path path = file();
  std::error_code failed;
  const auto loaded = load(path);
  if (loaded) {
    fs::remove(path, failed);
  } else if (loaded.error().code != Errc::kNotFound) {
    const fs::path kept = path.string() + ".unreadable";
    fs::rename(path, kept, failed);
    kLog.error("Sessions of [{}] cannot be read: {}. The file is now [{}]", owner().context_name(),
               loaded.error().message, kept.string());
  }
  return {};
}

Result<> StandardManager::load(const fs::path& path) {
  const auto bytes = read_session_file(path);
  if (!bytes) return bytes.error();
  return read_stored_sessions(*bytes, [this](StoredSession&& stored) {
    // One that is over its time ends now, as its listeners expect.
    if (auto session = revived(std::move(stored))) {
      add(session);
      session->is_valid();
    }
  });
}

Result<> StandardManager::unload(const std::vector<SessionPtr>& sessions) {
  std::vector<StoredSession> valid;
  for (const auto& session : sessions) {
    if (session->is_valid()) valid.push_back(stored(*session));
  }
  if (valid.empty()) return {};
  return write_session_file(file(), encode_stored_sessions(valid, log_left_out()));
}

void StandardManager::do_stop() {
  if (options_->pathname.empty()) return Manager::do_stop();
  const auto all = sessions();
  if (const auto done = unload(all); !done) {
    kLog.error("Sessions of [{}] are lost: {}", owner().context_name(), done.error().message);
  }
  for (const auto& session : all) session->expire(false);
}

}  // namespace serval::core
