// The beans of a Serval node beside those of a real Tomcat 9 with the same server.xml, both asked
// through the same manager application.
#include "tests/interop/beans_of_both.h"

namespace serval::test {
namespace {

TEST_F(BeansOfBoth, SeedRow112To117_TheSameNamesAttributesAndValues) {
  both();
  expect_same_beans("Catalina:type=Cluster,*");
  expect_same_beans("Catalina:type=Manager,host=localhost,context=/demo");
  expect_same_beans("Catalina:type=Valve,name=ReplicationValve");
  expect_same_beans("Catalina:type=Valve,name=JvmRouteBinderValve");
}

/// All that a Tomcat shows of them in a Host with everything a Cluster can have. Here the second of
/// two valves of one class, realms inside a realm, and whatever else stands in a Host.
class WholeList : public BeansOfBoth {
 protected:
  /// What can be set there can be set here: every attribute that both have is set to what it is.
  void expect_the_same_can_be_set(const std::string& pattern) {
    for (const auto& bean : tomcat->names(pattern)) {
      const auto ours = serval->attributes(bean);
      for (const auto& [name, value] : tomcat->attributes(bean)) {
        if (!ours.contains(name) || value == "null") continue;
        // Of a manager: what members know it by.
        if (name == "name") continue;
        // A deployer that is refused is called by the address of its object.
        if (name == "modelerType" && bean.ends_with("component=Deployer")) continue;
        expect_same_answer({{"set", bean}, {"att", name}, {"val", value}});
      }
    }
  }
  void expect_the_same(Kind other, const std::string& channel, const std::string& pattern) {
    both(
        [&](NodeOptions& o) {
          o.farm = "follow";
          o.channel_attributes = channel;
          o.cluster_valves =
              R"(<Valve className="org.apache.catalina.ha.authenticator.ClusterSingleSignOn"/>)";
          o.host_xml = R"(
      <Realm className="org.apache.catalina.realm.LockOutRealm">
        <Realm className="org.apache.catalina.realm.UserDatabaseRealm" resourceName="UserDatabase"/>
        <Realm className="org.apache.catalina.realm.CombinedRealm">
          <Realm className="org.apache.catalina.realm.MemoryRealm" allRolesMode="authOnly"/>
        </Realm>
      </Realm>
      <Valve className="org.apache.catalina.valves.RemoteAddrValve" allow=".*"/>
      <Valve className="org.apache.catalina.valves.RemoteAddrValve" deny="1[.].*"
             asyncSupported="false"/>
      <Valve className="org.apache.catalina.valves.AccessLogValve"/>
      <Valve className="org.apache.catalina.valves.HealthCheckValve"/>
      <Valve className="org.apache.catalina.valves.PersistentValve"/>)";
        },
        other);
    for (const std::string& all :
         {std::string("Catalina:type=Cluster,*"), std::string("Catalina:type=Manager,*"),
          std::string("Catalina:type=Valve,*"), std::string("Catalina:type=Deployer,*"),
          std::string("Catalina:type=Realm,*"), std::string("Catalina:type=ThreadPool,*"),
          std::string("Catalina:type=GlobalRequestProcessor,*"),
          std::string("Catalina:j2eeType=Servlet,WebModule=//localhost/demo,*"), pattern}) {
      expect_same_beans(all);
    }
  }
};

TEST_F(WholeList, SeedRow112To117_OfATomcat9) {
  expect_the_same(Kind::kTomcat9, "", "ClusterChannel:*");
  expect_the_same_can_be_set("Catalina:type=Valve,*");
  expect_the_same_can_be_set("Catalina:type=Manager,*");
  expect_the_same_can_be_set("Catalina:type=Cluster,component=Deployer,*");
  expect_the_same_can_be_set("Catalina:type=Realm,*");
  const std::string access_log = "Catalina:type=Valve,host=localhost,name=AccessLogValve";
  for (const char* attribute : {"pattern", "condition", "conditionIf", "encoding", "maxDays"}) {
    expect_same_answer({{"get", access_log}, {"att", attribute}});
    expect_same_answer({{"set", access_log}, {"att", attribute}, {"val", "common"}});
    expect_same_answer({{"get", access_log}, {"att", attribute}});
  }
  expect_same_answer({{"get", access_log}, {"att", "conditionUnless"}});
  expect_same_answer({{"set", access_log}, {"att", "fileDateFormat"}, {"val", "nope"}});
  for (const auto& [attribute, value] :
       {std::pair("fileDateFormat", ".yyyy"), std::pair("buffered", "nope")}) {
    expect_same_answer({{"set", access_log}, {"att", attribute}, {"val", value}});
    expect_same_answer({{"get", access_log}, {"att", attribute}});
  }
  expect_same_answer({{"invoke", access_log}, {"op", "rotate"}});

  const auto set_and_get = [&](const std::string& bean, const std::string& attribute,
                               const std::string& value) {
    expect_same_answer({{"get", bean}, {"att", attribute}});
    expect_same_answer({{"set", bean}, {"att", attribute}, {"val", value}});
    expect_same_answer({{"get", bean}, {"att", attribute}});
  };
  for (const auto& valve : tomcat->names("Catalina:type=Valve,*")) {
    if (tomcat->attributes(valve).contains("asyncSupported")) {
      set_and_get(valve, "asyncSupported", "false");
    }
  }
  for (const char* bean :
       {"Catalina:type=Valve,host=localhost,context=/manager,name=BasicAuthenticator",
        "Catalina:type=Manager,host=localhost,context=/demo"}) {
    for (const char* name :
         {"secureRandomAlgorithm", "secureRandomClass", "secureRandomProvider"}) {
      set_and_get(bean, name, "x");
    }
  }

  const std::string realm = "Catalina:type=Realm,realmPath=/realm0,host=localhost";
  for (const char* mode : {"strictAuthOnly", "none"}) {
    expect_same_answer({{"set", realm}, {"att", "allRolesMode"}, {"val", mode}});
    expect_same_answer({{"get", realm}, {"att", "allRolesMode"}});
  }
  for (const char* operation : {"isLocked", "unlock"}) {
    expect_same_answer({{"invoke", realm}, {"op", operation}, {"ps", "alice"}});
    expect_same_answer({{"invoke", realm}, {"op", operation}});
  }
}

TEST_F(WholeList, SeedRow112To117_OfATomcat10WithAChannelThatNamesItsBeans) {
  expect_the_same(Kind::kTomcat10, R"(jmxDomain="My.Domain" jmxPrefix="zone=north,")",
                  "My.Domain:*");
  EXPECT_EQ(serval->names("ClusterChannel:*"), tomcat->names("ClusterChannel:*"));
}

TEST_F(BeansOfBoth, BackupManagersShowTheSame) {
  both([](NodeOptions& o) { o.manager = "backup"; });
  expect_same_beans("Catalina:type=Manager,host=localhost,context=/demo");
}

/// Sends requests and knows what their figures must be, its own questions included.
class Counting {
 public:
  explicit Counting(Side& side) : side_(side) {
    ask({{"invoke", kProcessor}, {"op", "resetCounters"}});
  }
  void request(std::string_view method, const std::string& path, std::string_view body = {}) {
    const HttpResponse response =
        browser_.request(method, side_.node.http(), path,
                         {{"Content-Type", "application/x-www-form-urlencoded"}}, body);
    count(response);
    received_ += static_cast<std::int64_t>(body.size());
  }
  /// Waits until the processor shows the figures, which it learns after the answer.
  void expect_figures() {
    expect_figure("requestCount", requests_);
    expect_figure("bytesSent", sent_);
    expect_figure("errorCount", errors_);
    expect_figure("bytesReceived", received_);
  }

 private:
  static constexpr const char* kProcessor =
      "Catalina:type=GlobalRequestProcessor,name=\"http-nio-127.0.0.1-HTTP\"";
  /// `want` grows with each question.
  void expect_figure(const std::string& attribute, const std::int64_t& want) {
    std::int64_t shown = 0, wanted = 0;
    EXPECT_TRUE(eventually([&] {
      wanted = want;
      const std::string answer = ask({{"get", kProcessor}, {"att", attribute}});
      shown = std::stoll(answer.substr(answer.rfind('=') + 1));
      return shown == wanted;
    })) << attribute
        << " is " << shown << ", not " << wanted;
  }
  std::string ask(Jmx::Parameters parameters) {
    for (auto& [name, value] : parameters) value = side_.own(value);
    const HttpResponse response = side_.jmx.ask(parameters);
    count(response);
    return response.body;
  }
  void count(const HttpResponse& response) {
    ++requests_;
    if (response.status >= 400) ++errors_;
    sent_ += static_cast<std::int64_t>(response.body.size());
  }
  Side& side_;
  Browser browser_;
  std::int64_t requests_ = 0, errors_ = 0, sent_ = 0, received_ = 0;
};

TEST_F(BeansOfBoth, RequestsAreCountedAlike) {
  both();
  for (Side* side : {tomcat.get(), serval.get()}) {
    SCOPED_TRACE(name_of(side->node.kind()));
    Counting counting(*side);
    for (int i = 0; i < 3; ++i) counting.request("GET", "/demo/s?op=info");
    counting.request("POST", "/demo/s", "op=info&x=" + std::string(1000, 'x'));
    counting.request("GET", "/demo/none");
    counting.request("GET", "/nowhere/none");
    counting.expect_figures();
  }
  const auto servlet = [](const std::string& name) {
    return "Catalina:j2eeType=Servlet,WebModule=//localhost/demo,name=" + name +
           ",J2EEApplication=none,J2EEServer=none";
  };
  const std::string application =
      "Catalina:j2eeType=WebModule,name=//localhost/demo,J2EEApplication=none,J2EEServer=none";
  for (const std::string& bean : {servlet("s"), servlet("default"), application}) {
    for (const char* attribute : {"requestCount", "errorCount"}) {
      expect_same_answer({{"get", bean}, {"att", attribute}});
    }
  }
  EXPECT_EQ(serval->jmx.get(servlet("s"), "requestCount"), "4");
  EXPECT_EQ(serval->jmx.get(servlet("default"), "errorCount"), "1");
}

TEST_F(BeansOfBoth, WhatIsSetOnAValveCountsForTheNextRequest) {
  both([](NodeOptions& o) {
    o.host_xml = R"(<Valve className="org.apache.catalina.valves.RemoteAddrValve" allow=".*"/>
      <Valve className="org.apache.catalina.valves.AccessLogValve" rotatable="false"/>)";
  });
  const std::string valve = "Catalina:type=Valve,host=localhost,name=";
  for (Side* side : {tomcat.get(), serval.get()}) {
    SCOPED_TRACE(name_of(side->node.kind()));
    const auto page = [&] { return Browser().get(side->node.http(), "/demo/none"); };
    EXPECT_NE(page().body.find("<h3>"), std::string::npos);
    side->jmx.set(valve + "ErrorReportValve", "showServerInfo", "false");
    EXPECT_EQ(page().body.find("<h3>"), std::string::npos);
    EXPECT_EQ(page().status, 404);
    side->jmx.set(valve + "AccessLogValve", "buffered", "false");
    side->jmx.set(valve + "AccessLogValve", "pattern", "set %s %U");
    EXPECT_TRUE(eventually([&] {
      page();  // the line of the last set() may come behind one of these
      const std::string log = read_file(side->node.base() / "logs" / "access_log");
      return log.ends_with("set 404 /demo/none\n");
    }));
    side->jmx.set(valve + "RemoteAddrValve", "denyStatus", "418");
    side->jmx.set(valve + "RemoteAddrValve", "deny", "127[.].*");
    EXPECT_EQ(page().status, 418);
  }
}

TEST_F(BeansOfBoth, WhatIsSetOnARealmCountsForTheNextLogin) {
  both([](NodeOptions& o) {
    o.host_xml = R"(
      <Realm className="org.apache.catalina.realm.LockOutRealm">
        <Realm className="org.apache.catalina.realm.UserDatabaseRealm" resourceName="UserDatabase"/>
      </Realm>)";
  });
  const std::string realm = "Catalina:type=Realm,realmPath=/realm0,host=localhost";
  for (Side* side : {tomcat.get(), serval.get()}) {
    SCOPED_TRACE(name_of(side->node.kind()));
    const auto locked_after_a_wrong_password = [&](const std::string& credentials) {
      const HttpResponse refused = Browser().request("GET", side->node.http(), "/manager/jmxproxy",
                                                     {{"Authorization", credentials}}, "");
      EXPECT_EQ(refused.status, 401);
      return side->answer({{"invoke", realm}, {"op", "isLocked"}, {"ps", "alice"}});
    };
    const std::string alice = "Basic YWxpY2U6d3Jvbmc=";  // alice:wrong
    EXPECT_TRUE(locked_after_a_wrong_password(alice).ends_with("\nfalse\n"));
    side->jmx.set(realm, "failureCount", "2");
    EXPECT_TRUE(locked_after_a_wrong_password(alice).ends_with("\ntrue\n"));
  }
}

TEST_F(BeansOfBoth, QueriesAreAnsweredAlike) {
  both();
  const std::string cluster = "Catalina:type=Cluster",
                    manager = "Catalina:type=Manager,host=localhost,context=/demo",
                    binder = "Catalina:type=Valve,name=JvmRouteBinderValve",
                    valve = "Catalina:type=Valve,name=ReplicationValve",
                    member = "Catalina:type=Cluster,component=Member,name=\"tcp://127.0.0.1:OWN\"",
                    receiver =
                        "ClusterChannel:type=Channel,channel=Catalina-Channel,component=Receiver";
  const auto get = [&](const std::string& bean, const std::string& attribute) {
    expect_same_answer({{"get", bean}, {"att", attribute}});
  };
  const auto set = [&](const std::string& bean, const std::string& attribute,
                       const std::string& value) {
    expect_same_answer({{"set", bean}, {"att", attribute}, {"val", value}});
    get(bean, attribute);
  };
  const auto invoke = [&](const std::string& bean, const std::string& operation) {
    expect_same_answer({{"invoke", bean}, {"op", operation}});
  };

  for (const char* name : {"",
                           "bad",
                           "Catalina:",
                           "a=b",
                           "Catalina:ty*=x",
                           "Catalina:,a=b",
                           "C:*:*",
                           "C:*,*",
                           "C:type",
                           "C:=x",
                           "C:a=1,a=2",
                           "C:a=b,",
                           "C:a=b=c",
                           "C:a=b:c",
                           "C:a=\"b",
                           "C:a=\"b\"c",
                           "C:a=\"b\\x\"",
                           "C\nd:a=b",
                           "Catalina:type=None",
                           "Catalina:type=Cluster*"}) {
    get(name, "x");
  }
  for (const char* pattern : {"nope:*", "bad", "C:*,*", "Catalina:type=", ":type=Cluster",
                              "Catalina: type=Cluster", "Catalina:a=*,b=?"}) {
    expect_same_answer({{"qry", pattern}});
  }

  get(cluster, "stateName");
  get(cluster, "none");
  get(cluster, "");
  get(cluster, "ChannelSendOptions");
  get(cluster, "modelerType");
  get("Catalina:context=/demo,host=localhost,type=Manager", "activeSessions");
  expect_same_answer({{"get", cluster}, {"att", "clusterName"}, {"key", "x"}});
  for (const char* options :
       {"8", "async", "72", "async, multicast", "foo", "-1", "0", "256", ""}) {
    set(cluster, "channelSendOptions", options);
    get(cluster, "channelSendOptionsName");
  }
  expect_same_answer({{"set", cluster}, {"att", "channelSendOptions"}});
  const std::string longer(120, 'c');
  for (const std::string& name : {std::string("a\nb\n") + longer + "\n", longer,
                                  std::string("ä<b>\""), std::string("Catalina")}) {
    set(cluster, "clusterName", name);
  }
  set(cluster, "stateName", "x");
  set(cluster, "none", "x");
  set("Catalina:type=None", "x", "y");

  set(binder, "enabled", "false");
  set(binder, "enabled", "TRUE");
  set(binder, "enabled", "nonsense");
  set(binder, "className", "x");
  set(binder, "numberOfSessions", "1");
  set(valve, "filter", ".*\\.gif");
  set(valve, "filter", "");
  set(valve, "doProcessingStats", "true");
  set(valve, "primaryIndicatorName", "demo.primary");
  invoke(valve, "resetStatistics");
  invoke(valve, "none");
  invoke(valve, "");
  invoke(valve, "start");
  invoke("Catalina:type=None", "x");
  invoke(binder, "stop");
  get(binder, "stateName");
  invoke(binder, "start");

  get(manager, "secureRandomClass");
  get(manager, "name");
  for (const char* attribute : {"maxActiveSessions", "duplicates", "expiredSessions", "maxActive",
                                "sessionMaxAliveTime", "stateTransferTimeout"}) {
    set(manager, attribute, "7");
    set(manager, attribute, "x");
    set(manager, attribute, "");
    expect_same_answer({{"set", manager}, {"att", attribute}});
  }
  set(manager, "processExpiresFrequency", "0");
  set(manager, "processExpiresFrequency", "99999999999");
  set(manager, "expireSessionsOnShutdown", "true");
  set(manager, "activeSessions", "7");
  set(manager, "sessionAverageAliveTime", "7");
  set(manager, "rejectedSessions", "7");
  set(manager, "sessionAttributeNameFilter", "(");
  set(manager, "sessionAttributeNameFilter", "a.*");
  for (const char* operation : {"listSessionIds", "findSessions", "findSession", "expireSession",
                                "expireAllLocalSessions", "processExpires"}) {
    invoke(manager, operation);
  }
  for (const char* operation : {"findSession", "expireSession", "getCreationTime",
                                "getLastAccessedTime", "getThisAccessedTime", "listSessionIds"}) {
    expect_same_answer({{"invoke", manager}, {"op", operation}, {"ps", "unknown"}});
  }
  expect_same_answer({{"invoke", manager}, {"op", "getSessionAttribute"}, {"ps", "a,b"}});
  expect_same_answer({{"invoke", manager}, {"op", "getSessionAttribute"}, {"ps", "a,b,"}});
  expect_same_answer({{"invoke", manager}, {"op", "getSessionAttribute"}, {"ps", "a,,"}});
  invoke(manager, "resetStatistics");
  for (const char* counter : {"expiredSessions", "maxActive", "counterSend_EVT_ALL_SESSION_DATA"}) {
    get(manager, counter);
  }

  // Its argument is an object, for which there is no text.
  invoke(cluster, "send");
  for (const char* arguments : {"x", "x,y", ""}) {
    expect_same_answer({{"invoke", cluster}, {"op", "send"}, {"ps", arguments}});
  }

  get(member, "port");
  get(member, "name");
  get(receiver, "Port");
  get(receiver, "none");
  set(receiver, "Port", "5");
  invoke(receiver, "none");
}

/// Where Serval says something else on purpose.
TEST_F(BeansOfBoth, KnownDifferences) {
  both();
  const auto differ = [&](const Jmx::Parameters& parameters, const std::string& theirs,
                          const std::string& ours) {
    EXPECT_TRUE(tomcat->answer(parameters).starts_with(theirs)) << tomcat->answer(parameters);
    EXPECT_TRUE(serval->answer(parameters).starts_with(ours)) << serval->answer(parameters);
  };
  const std::string manager = "Catalina:type=Manager,host=localhost,context=/demo",
                    valve = "Catalina:type=Valve,name=ReplicationValve";
  // An array is shown as in a listing, not by Java's address.
  const std::string get_array = "OK - Attribute get '" + manager + "' - invalidatedSessions = ";
  differ({{"get", manager}, {"att", "invalidatedSessions"}}, get_array + "[Ljava.lang.String;@",
         get_array + "Array[java.lang.String] of length 0\n");
  // A filter that is no expression is an error, not an OK that changes nothing.
  differ({{"set", valve}, {"att", "filter"}, {"val", "("}}, "OK - Attribute set",
         "Error - javax.management.RuntimeOperationsException: Exception invoking method [filter]");
  // A parameter that is missing is named.
  differ({{"set", valve}, {"val", "x"}}, "Error - java.lang.NullPointerException",
         "Error - java.lang.IllegalArgumentException: The parameter [att] is missing");
  differ({{"invoke", valve}}, "Error - java.lang.NullPointerException",
         "Error - java.lang.IllegalArgumentException: The parameter [op] is missing");
  differ({{"get", valve}}, "Error - javax.management.RuntimeOperationsException",
         "Error - java.lang.IllegalArgumentException: The parameter [att] is missing");
  // A member is what the network says; Tomcat lets it be set, though its descriptor says no.
  const std::string member = "Catalina:type=Cluster,component=Member,name=\"tcp://127.0.0.1:OWN\"";
  for (const char* name : {"local", "memberAliveTime", "msgCount", "port", "securePort",
                           "serviceStartTime", "udpPort"}) {
    const std::string now = tomcat->attributes(member).at(name);
    differ({{"set", member}, {"att", name}, {"val", now}}, "OK - Attribute set",
           "Error - javax.management.ReflectionException: Cannot find setter method");
  }
  // The name of a manager is what members know it by; Tomcat lets it be changed in the bean only.
  differ({{"set", manager}, {"att", "name"}, {"val", "x"}}, "OK - Attribute set",
         "Error - javax.management.ReflectionException: Cannot find setter method [setName]");
}

}  // namespace
}  // namespace serval::test
