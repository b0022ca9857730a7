#include "cluster/ha/deploy/farm_war_deployer.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <utility>

#include "cluster/ha/deploy/file_message.h"
#include "container/base/log.h"
#include "container/core/engine.h"
#include "container/core/host.h"
#include "container/core/server.h"
#include "container/core/service.h"

namespace serval::ha {
namespace {

const Log kLog("org.apache.catalina.ha.deploy.FarmWarDeployer");

std::filesystem::path with_suffix(const std::filesystem::path& directory, const std::string& name) {
  static std::atomic<unsigned> serial{0};
  return directory / fmt::format("{}.{}", name, ++serial);
}

constexpr std::string_view kFileMessage = "org.apache.catalina.ha.deploy.FileMessage";
constexpr std::string_view kUndeployMessage = "org.apache.catalina.ha.deploy.UndeployMessage";

/// Absolute and without a slash at the end, so that two can be compared.
std::filesystem::path resolved(const std::filesystem::path& base, const std::string& directory) {
  const std::filesystem::path path = (base / directory).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

std::span<const Attribute<FarmWarDeployer::Options>> FarmWarDeployer::attributes() {
  static const std::array table{
      attribute("deployDir", &Options::deploy_dir, "where WARs go; must be the Host's appBase"),
      attribute("tempDir", &Options::temp_dir,
                "receiving area, on the same file system as deployDir"),
      attribute("watchDir", &Options::watch_dir,
                "directory whose *.war files are brought to all nodes; may be deployDir"),
      attribute("watchEnabled", &Options::watch_enabled, "watch and send from this node"),
      attribute("processDeployFrequency", &Options::process_deploy_frequency,
                "background ticks between two looks"),
      attribute("maxValidTime", &Options::max_valid_time,
                "seconds that a half-received file is kept, < 0 endless"),
  };
  return table;
}

FarmWarDeployer::FarmWarDeployer(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

FarmWarDeployer::~FarmWarDeployer() { stop(); }

std::unique_ptr<Bean> FarmWarDeployer::bean() {
  static const auto table =
      BeanTable<FarmWarDeployer>{"org.apache.catalina.ha.deploy.FarmWarDeployer",
                                 {},
                                 {},
                                 "org.apache.catalina.mbeans.ClassNameMBean"}
          .options();
  return make_bean(*this, table, "FarmWarDeployer");
}

Result<> FarmWarDeployer::start(core::Host& host) {
  host_ = host.deployer();
  if (!host_) return Error{Errc::kBadState, "FarmWarDeployer: the Host deploys nothing"};
  const std::filesystem::path& base = host.engine().service->server->catalina_base();
  deploy_dir_ =
      options_->deploy_dir.empty() ? host_->app_base() : resolved(base, options_->deploy_dir);
  temp_dir_ = resolved(base, options_->temp_dir.empty() ? "temp/war-temp" : options_->temp_dir);
  watch_dir_ =
      options_->watch_dir.empty() ? std::filesystem::path() : resolved(base, options_->watch_dir);
  for (const auto& directory : {deploy_dir_, temp_dir_}) {
    std::error_code ec;
    std::filesystem::create_directories(directory, ec);
    if (ec)
      return Error{Errc::kIo, fmt::format("FarmWarDeployer: cannot create {}: {}",
                                          directory.string(), ec.message())};
  }
  if (options_->watch_enabled && watch_dir_.empty()) {
    return Error{Errc::kInvalidArgument, "FarmWarDeployer: watchEnabled needs a watchDir"};
  }
  watcher_ = std::make_unique<WarWatcher>(watch_dir_);
  if (watches_deploy_dir()) watcher_->accept_present();
  sender_ = std::make_unique<FileSender>(cluster_->channel(), cluster_->send_options());
  stopping_ = false;
  worker_ = std::thread([this] { run_worker(); });
  cluster_->channel().add_membership_listener(this);
  kLog.info("Cluster FarmWarDeployer started.");
  return {};
}

void FarmWarDeployer::stop() {
  if (!worker_.joinable()) return;
  cluster_->channel().remove_membership_listener(this);
  {
    const std::lock_guard lock(tasks_mutex_);
    stopping_ = true;
    sender_->cancel();
    tasks_.clear();
  }
  tasks_changed_.notify_all();
  worker_.join();
  const std::lock_guard lock(assemblies_mutex_);
  assemblies_.clear();
  kLog.info("Cluster FarmWarDeployer stopped.");
}

void FarmWarDeployer::background_process() {
  if (!worker_.joinable()) return;
  drop_silent_assemblies();
  if (!options_->watch_enabled || watch_dir_.empty()) return;
  if (++ticks_ < options_->process_deploy_frequency) return;
  ticks_ = 0;
  if (looking_.exchange(true)) return;  // the last look still runs
  post([this] {
    look_for_changes();
    looking_ = false;
  });
}

bool FarmWarDeployer::accept(const ClusterMessage& message) const {
  return message.class_name == kFileMessage || message.class_name == kUndeployMessage;
}

void FarmWarDeployer::message_received(const ClusterMessage& message) {
  if (!host_) return;  // not started: in an Engine, or without directories
  if (message.class_name == kFileMessage) {
    file_piece_received(message.received);
  } else {
    undeploy_received(message.received);
  }
}

void FarmWarDeployer::file_piece_received(const tribes::Received& message) {
  const auto piece = FileMessage::decode(*message.content);
  if (!piece)
    return kLog.error("Message from [{}]: {}", message.sender->name(), piece.error().message);
  const auto refuse = [&](std::string_view why) {
    kLog.error("Piece {} of file [{}] from [{}] refused: {}", piece->message_number,
               piece->file_name, message.sender->name(), why);
  };
  if (!is_safe_war_name(piece->file_name)) return refuse("not the name of a WAR");
  if (core::ContextName::from_base_name(piece->file_name).name != piece->context_name) {
    return refuse(fmt::format("it is announced for the context [{}]", piece->context_name));
  }

  const AssemblyKey key{message.sender->id, piece->file_name};
  std::filesystem::path finished;
  {
    const std::lock_guard lock(assemblies_mutex_);
    auto it = assemblies_.find(key);
    if (it == assemblies_.end()) {
      // The empty end of a file that was whole without it.
      if (piece->data.empty() && piece->message_number > 1) return;
      auto fresh = FileAssembly::create(with_suffix(temp_dir_, piece->file_name),
                                        piece->total_messages, kMaxFileSize, clock_.now());
      if (!fresh) return refuse(fresh.error().message);
      it = assemblies_.emplace(key, std::move(*fresh)).first;
    }
    const auto complete =
        it->second.write(piece->message_number, piece->total_messages, piece->data, clock_.now());
    if (!complete) return refuse(complete.error().message);
    if (!*complete) return;
    finished = it->second.release();
    assemblies_.erase(it);
  }
  kLog.info("File [{}] received from [{}]", piece->file_name, message.sender->name());
  post([this, name = piece->file_name, finished] { install_received(name, finished); });
}

void FarmWarDeployer::undeploy_received(const tribes::Received& message) {
  const auto undeploy = UndeployMessage::decode(*message.content);
  if (!undeploy)
    return kLog.error("Message from [{}]: {}", message.sender->name(), undeploy.error().message);
  if (undeploy->member_impl_uid) {
    cluster_->channel().learn_member_impl_uid(*message.sender, *undeploy->member_impl_uid);
  }
  const std::string& name = undeploy->context_name;
  if (name.find("..") != name.npos || core::ContextName::from_name(name).name != name) {
    return kLog.error("Undeploy of [{}] from [{}] refused: not the name of a context", name,
                      message.sender->name());
  }
  kLog.info("Undeploy of [{}] received from [{}]", name, message.sender->name());
  post([this, name] { undeploy_by_farm(name); });
}

void FarmWarDeployer::member_added(const tribes::MemberPtr& member) {
  if (!options_->watch_enabled || !watches_deploy_dir()) return;
  post([this, member] { send_to_newcomer(member); });
}

void FarmWarDeployer::member_disappeared(const tribes::MemberPtr& member) {
  const std::lock_guard lock(assemblies_mutex_);
  const auto lost = std::erase_if(
      assemblies_, [&](const auto& entry) { return entry.first.first == member->id; });
  if (lost > 0)
    kLog.warn("[{}] disappeared, {} half-received file(s) of it dropped", member->name(), lost);
}

void FarmWarDeployer::drop_silent_assemblies() {
  if (options_->max_valid_time < 0) return;
  const auto oldest = clock_.now() - std::chrono::seconds(options_->max_valid_time);
  const std::lock_guard lock(assemblies_mutex_);
  for (auto it = assemblies_.begin(); it != assemblies_.end();) {
    if (it->second.last_write() < oldest) {
      kLog.warn("File [{}]: nothing more came for {} s, dropped", it->first.second,
                options_->max_valid_time);
      it = assemblies_.erase(it);
    } else {
      ++it;
    }
  }
}

}  // namespace serval::ha
