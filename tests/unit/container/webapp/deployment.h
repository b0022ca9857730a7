#pragma once
#include <gtest/gtest.h>

#include <optional>

#include "container/config/tomcat_names.h"
#include "container/core/register_managers.h"
#include "container/valves/register_valves.h"
#include "container/webapp/host_config.h"
#include "tests/support/http_fakes.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"
#include "tests/support/war_file.h"

namespace serval::test {

/// A base directory with a Host whose applications HostConfig deploys. Files are put there an hour
/// before the clock's time, so that they are old enough; a change is a minute later than the last.
class Deployment : public ::testing::Test {
 protected:
  Deployment() {
    put("conf/web.xml", R"(<web-app>
      <servlet><servlet-name>default</servlet-name>
        <servlet-class>org.apache.catalina.servlets.DefaultServlet</servlet-class></servlet>
      <servlet-mapping><servlet-name>default</servlet-name><url-pattern>/</url-pattern>
      </servlet-mapping>
      <mime-mapping><extension>txt</extension><mime-type>text/plain</mime-type></mime-mapping>
      <welcome-file-list><welcome-file>index.txt</welcome-file></welcome-file-list></web-app>)");
    put("conf/context.xml",
        "<Context><WatchedResource>WEB-INF/web.xml</WatchedResource></Context>");
    core::register_managers(registries);
    core::register_valves(registries);
  }

  std::filesystem::path put(const std::string& name, std::string_view content) {
    return aged(dir.write(name, content));
  }
  /// An application of one page below webapps.
  void put_directory(const std::string& name, std::string_view page,
                     std::string_view web_xml = "<web-app/>") {
    put("webapps/" + name + "/WEB-INF/web.xml", web_xml);
    put("webapps/" + name + "/index.txt", page);
    aged(dir / ("webapps/" + name));
  }
  std::filesystem::path put_war(const std::string& name, const std::string& page,
                                std::vector<WarEntry> more = {}) {
    std::vector<WarEntry> entries{{"index.txt", page}, {"WEB-INF/web.xml", "<web-app/>"}};
    entries.insert(entries.end(), more.begin(), more.end());
    std::filesystem::create_directories(dir / "webapps");
    return aged(make_war(dir / ("webapps/" + name), entries));
  }
  /// Gives a file a time that no file had before.
  std::filesystem::path aged(const std::filesystem::path& file) {
    file_ms_ += 60'000;
    const auto time =
        std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(file_ms_));
    std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::from_sys(time));
    return file;
  }
  void remove(const std::string& name) { std::filesystem::remove_all(dir / name); }
  bool is_there(const std::string& name) const { return std::filesystem::exists(dir / name); }

  void start() {
    service.emplace("", host_options);
    auto& host = *service->host;
    host.app_base = dir / "webapps";
    host.xml_base = dir / "conf/Catalina/localhost";
    host.work_dir = dir / "work/Catalina/localhost";
    config = std::make_unique<core::HostConfig>(
        environment, host, core::HostConfig::Timing{.recheck = std::chrono::milliseconds(0)},
        clock);
    host.add_lifecycle_listener(std::make_unique<Listener>(*config));
    ASSERT_TRUE(service->start());
  }
  void tick() { config->lifecycle_event("periodic"); }
  std::string get(const std::string& path, Exchange::Headers headers = {}) {
    last = std::make_unique<Exchange>(path, std::move(headers));
    service->run(*last);
    return std::to_string(last->response.status()) + " " + last->text();
  }
  core::Context* context(std::string_view name) {
    return static_cast<core::Context*>(service->host->find_child(name).get());
  }

  const TempDir dir;
  ManualClock clock;
  core::Registries registries;
  const Properties properties = Properties::with_defaults(dir.path(), dir.path());
  core::ApplicationEnvironment environment{registries, properties, tomcat_names_9(), {}};
  core::Host::Options host_options;
  std::unique_ptr<core::HostConfig> config;
  std::optional<TestService> service;  // tells config of its end
  std::unique_ptr<Exchange> last;
  LogCapture log;

 private:
  /// What HostConfig::attach() makes, for one whose clock is ours.
  struct Listener final : LifecycleListener {
    explicit Listener(core::HostConfig& c) : config(c) {}
    void lifecycle_event(const LifecycleEvent& event) override {
      config.lifecycle_event(event.type);
    }
    core::HostConfig& config;
  };
  std::int64_t file_ms_ = ManualClock::kStartMs - 3'600'000;
};

}  // namespace serval::test
