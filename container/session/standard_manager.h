// container/session/standard_manager.h
#pragma once
#include <filesystem>
#include <span>

#include "container/base/live_options.h"
#include "container/session/storing_manager.h"

namespace serval::core {

/// Sessions of one node, which live through its restart in a file.
///
/// Source: Tomcat org.apache.catalina.session.StandardManager.
class StandardManager final : public StoringManager {
 public:
  struct Options : StoringManager::Options {
    std::string pathname = "SESSIONS.ser";  // relative to the work directory; empty: none
  };
  static std::span<const Attribute<Options>> attributes();
  explicit StandardManager(Options options, const Clock& clock = system_clock());
  std::string_view class_name() const override {
    return "org.apache.catalina.session.StandardManager";
  }
  std::unique_ptr<Bean> bean(std::string_view place) override;
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }

 protected:
  const StoringManager::Options& storing_options() const override { return *options_; }
  /// Takes the sessions of the file, and removes it. One that cannot be read is kept under another
  /// name, and is no reason not to start.
  Result<> do_start() override;
  /// Writes all sessions into the file; without one they end.
  void do_stop() override;

 private:
  std::filesystem::path file() const { return owner().work_dir() / options_->pathname; }
  Result<> load(const std::filesystem::path& file);
  Result<> unload(const std::vector<SessionPtr>& sessions);

  LiveOptions<Options> options_;
};

}  // namespace serval::core
