#include "cluster/tools/group_session.h"

#include <fmt/format.h>

#include "cluster/tools/channel_file.h"
#include "cluster/tools/text/quantity.h"
#include "container/base/log.h"

namespace serval::tools {
namespace {

/// The channel's log on standard error, as lines that a person reads.
class ToolLog final : public LogRouter {
 public:
  explicit ToolLog(Level level) : level_(level) {}
  Level level_of(std::string_view) const override { return level_; }
  void write(const LogRecord& record) override {
    const auto wall =
        std::chrono::duration_cast<std::chrono::milliseconds>(record.time.time_since_epoch());
    const std::string_view logger = record.logger.substr(record.logger.rfind('.') + 1);
    Console& console = standard_error();
    const bool is_warning = record.level >= Level::kWarning;
    standard_output().clear();
    console.line(fmt::format(
        "{}  {}  {}: {}", console.styled(Look::kDim, time_text(wall)),
        console.styled(is_warning ? Look::kBad : Look::kDim, is_warning ? "warning" : "info"),
        logger, record.message));
  }

 private:
  const Level level_;
};

}  // namespace

GroupSession::GroupSession(const GroupOptions& options) {
  set_log_router(std::make_shared<ToolLog>(options.verbose ? Level::kInfo : Level::kWarning));
}

std::unique_ptr<GroupSession> GroupSession::open(const GroupOptions& options) {
  std::unique_ptr<GroupSession> session(new GroupSession(options));
  Console& errors = standard_error();
  auto loaded = load_channel(options.file, options.definitions);
  if (!loaded) {
    errors.line(loaded.error().message);
    return nullptr;
  }
  for (const std::string& warning : loaded->warnings)
    errors.line(errors.styled(Look::kBad, "warning") + "  " + warning);
  session->channel_ = std::move(loaded->channel);
  return session;
}

GroupSession::~GroupSession() { leave(); }

bool GroupSession::join() {
  const auto started = channel_->start(tribes::level::kAll);
  if (!started) standard_error().line("The channel does not start: " + started.error().message);
  return static_cast<bool>(started);
}

void GroupSession::leave() {
  if (channel_) channel_->stop(tribes::level::kAll);
}

}  // namespace serval::tools
