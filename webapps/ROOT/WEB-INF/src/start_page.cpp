// The page at "/": which node answers, who is in the cluster, what runs here, where to go next.
#include <serval/servlet.h>

#include "webapps/examples/WEB-INF/src/html.h"

namespace root {

using examples::escape;
using serval::ServerStatus;

namespace {

std::string member_rows(const ServerStatus& status) {
  std::string rows;
  for (const ServerStatus::Member& member : status.members) {
    rows += "<tr><th scope=\"row\" class=\"ok\">" + escape(member.name) + "</th><td>" +
            (member.local ? "this node" : "for " + std::to_string(member.alive_ms / 1000) + " s") +
            "</td></tr>\n";
  }
  return rows;
}

std::string application_rows(const ServerStatus& status) {
  std::string rows;
  for (const ServerStatus::Application& application : status.applications) {
    const std::string path = application.name.substr(0, application.name.find("##")) + "/";
    rows += std::string("<tr><th scope=\"row\" class=\"") + (application.running ? "ok" : "off") +
            "\"><a href=\"" + escape(path) + "\">" +
            escape(application.name.empty() ? "/" : application.name) + "</a></th><td>" +
            (application.running ? "running" : "stopped") + ", " +
            std::to_string(application.active_sessions) + " sessions</td></tr>\n";
  }
  return rows;
}

class StartPage final : public serval::HttpServlet {
  void do_get(serval::Request& request, serval::Response& response) override {
    const ServerStatus status = request.context().server_status();
    std::string page =
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Serval</title>"
        "<meta name=\"viewport\" content=\"width=device-width\">"
        "<link rel=\"stylesheet\" href=\"/style.css\"></head>\n<body><main>\n"
        "<h1>Serval is running</h1>\n<p>" +
        escape(status.server_info) + ", node <strong>" +
        escape(status.node.empty() ? "(no jvmRoute)" : status.node) + "</strong> at " +
        escape(request.local_addr()) + ":" + std::to_string(request.local_port()) + "</p>\n";
    page += "<h2>Cluster</h2>\n";
    page +=
        status.cluster.empty()
            ? "<p>This node runs alone: there is no Cluster in <code>conf/server.xml</code>.</p>\n"
            : "<table>\n" + member_rows(status) + "</table>\n";
    page += "<h2>Applications</h2>\n<table>\n" + application_rows(status) + "</table>\n";
    page +=
        "<h2>Next</h2>\n<ul>\n"
        "<li><a href=\"/examples/\">Examples</a>: small servlets in C++ with their source</li>\n"
        "<li><a href=\"/session-demo/s?op=info\">session-demo</a>: a session, in JSON</li>\n"
        "<li>Put a <code>.war</code> file into <code>webapps/</code>: every node of the cluster "
        "runs it; "
        "delete it and it is gone everywhere</li>\n"
        "<li>Start a second node: <code>bin/makebase.sh DIR</code>, then <code>CATALINA_BASE=DIR "
        "JAVA_OPTS=\"-Dserval.portOffset=1 -Dserval.jvmRoute=node2\" "
        "bin/startup.sh</code></li>\n"
        "<li>Configuration: <code>conf/server.xml</code>, checked by <code>bin/catalina.sh "
        "configtest</code></li>\n"
        "</ul>\n</main></body>\n</html>\n";
    response.set_content_type("text/html;charset=UTF-8");
    response.set_header("Cache-Control", "no-store");
    response.write(page);
  }
};

}  // namespace

}  // namespace root

SERVAL_APPLICATION(serval::servlet_class<root::StartPage>("root.StartPage"));
