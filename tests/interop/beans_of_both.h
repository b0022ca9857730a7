// tests/interop/beans_of_both.h
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "tests/support/cluster_test.h"
#include "tests/support/jmx.h"
#include "tests/support/temp_dir.h"

namespace serval::test {

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

inline std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// One of the two nodes and how it calls things.
struct Side {
  Side(Node& own, Node& other) : node(own), peer(other), jmx(own) {}
  /// Without what differs between two nodes of one configuration.
  std::string neutral(std::string text) const {
    text = replaced(std::move(text), node.base().string(), "BASE");
    text = replaced(std::move(text), std::to_string(node.options().receiver), "OWN");
    text = replaced(std::move(text), std::to_string(peer.options().receiver), "OTHER");
    text = replaced(std::move(text), std::to_string(node.http()), "HTTP");
    return replaced(std::move(text), node.options().name, "NODE");
  }
  /// The names of this node for a neutral text.
  std::string own(std::string text) const {
    text = replaced(std::move(text), "OWN", std::to_string(node.options().receiver));
    text = replaced(std::move(text), "\"http-nio-127.0.0.1-HTTP",
                    "\"http-nio-127.0.0.1-" + std::to_string(node.http()));
    return replaced(std::move(text), "OTHER", std::to_string(peer.options().receiver));
  }
  std::string answer(const Jmx::Parameters& parameters) {
    Jmx::Parameters mine = parameters;
    for (auto& [name, value] : mine) value = own(value);
    return neutral(jmx.ask(mine).body);
  }
  std::set<std::string> names(const std::string& pattern) {
    std::set<std::string> all;
    for (const auto& name : jmx.names(pattern)) all.insert(neutral(name));
    return all;
  }
  std::map<std::string, std::string> attributes(const std::string& bean) {
    std::map<std::string, std::string> all;
    for (const auto& [name, value] : jmx.attributes(own(bean))) all[name] = neutral(value);
    return all;
  }

  Node& node;
  Node& peer;
  Jmx jmx;
};

/// What Tomcat lists and Serval does not: nothing here that it could tell of.
inline const std::set<std::string> kNotHere{
    // ThreadPool: pollers, acceptors, TLS
    "acceptorThreadCount", "acceptorThreadPriority", "pollerThreadCount", "pollerThreadPriority",
    "selectorTimeout", "threadPriority", "daemon", "minSpareThreads", "sniParseLimit",
    "useInheritedChannel", "defaultSSLHostConfigName", "domain", "useVirtualThreads",
    // Servlet: instances to hand out
    "countAllocated", "maxInstances",
    // EncryptInterceptor: nobody needs to see it
    "EncryptionKey"};
/// What Serval lists and Tomcat does not: attributes of the element that its bean leaves out.
inline const std::set<std::string> kOnlyHere{
    "notifyAttributeListenerOnUnchangedValue",
    "persistAuthenticationNotes",  // of a BackupManager
    "sessionIdLength",
    "alwaysUseSession",  // of a NonLoginAuthenticator
    "sendAuthInfoResponseHeaders",
    "cookieName",         // of ClusterSingleSignOn
    "singleThreadModel",  // of a servlet that is not made yet
    "ConnectionCount",
    "MaxIncompleteSize",
    "MaxInflatedSize",
    "MaxWaitingSize",
    "MessageFormTimeout",
    "SoTrafficClass"};  // of the Receiver
/// What a Tomcat 10.1 has no more, and Serval shows as a Tomcat 9: pathname without a value.
inline const std::set<std::string> kOnly9{"alpnSupported", "pathname"};
/// What a Tomcat 10.1 has and 9 has not, and Serval has always.
inline const std::set<std::string> kOnly10{"ReplayWindowMessageCount", "ReplayWindowTime",
                                           "StaticOnly"};
/// What the two have in common, but not at any one time, or on purpose not.
inline bool is_of_the_moment(const std::string& bean, const std::string& attribute) {
  // The application that is asked: a Serval's has no session for it.
  static const std::set<std::string> of_manager{"activeSessions", "maxActive", "duplicates"};
  if (bean.find("context=/manager") != bean.npos && of_manager.contains(attribute)) return true;
  static const std::set<std::string> names{"memberAliveTime",
                                           "serviceStartTime",
                                           "stateTransferred",  // who started first
                                           "msgCount",
                                           "LocalMemberName",
                                           "MembersByName",
                                           "Members",
                                           "processingTime",
                                           "sessionCounter",
                                           "sessionCreateRate",
                                           "sessionExpireRate",
                                           "sessionMaxAliveTime",
                                           "sessionAverageAliveTime",
                                           "requestCount",
                                           "errorCount",
                                           "maxTime",
                                           "minTime",
                                           "loadTime",
                                           "classLoadTime",
                                           "bytesReceived",
                                           "bytesSent",
                                           "connectionCount",
                                           "currentThreadCount",
                                           "currentThreadsBusy",
                                           "keepAliveCount",
                                           "TaskCount",
                                           "CompletedTaskCount",
                                           "ActiveCount",
                                           "CurrentSize",
                                           "InPoolSize",
                                           "InUsePoolSize",
                                           "MinThreads",  // 0: as many as are useful
                                           "PoolSize",    // threads come when they are needed
                                           "RxBufSize",
                                           "TxBufSize",  // 0: the system's
                                           "Ttl",        // 9.0.70 shows 0 whatever is configured
                                           "LastCnt",    // ThroughputInterceptor
                                           "MbAppTx",
                                           "MbTx",
                                           "MbRx",
                                           "MsgRxCnt",
                                           "MsgTxCnt",
                                           "MsgTxErr",
                                           "RxStart",
                                           "TxStart",
                                           "TimeTx",
                                           "Count",  // GzipInterceptor
                                           "trimCredentials"};
  return attribute.starts_with("counter") || names.contains(attribute);
}

/// A Tomcat and a Serval with the same server.xml.
class BeansOfBoth : public ClusterTest {
 protected:
  void both(
      const std::function<void(NodeOptions&)>& change = [](NodeOptions&) {},
      Kind other = Kind::kTomcat9) {
    Node& t = start(other, [&](NodeOptions& o) {
      o.applications = demo_and_manager(other);
      change(o);
    });
    Node& s = start(Kind::kServal, [&](NodeOptions& o) {
      o.applications = demo_and_manager(Kind::kServal);
      change(o);
    });
    expect_members(t, s);
    tomcat = std::make_unique<Side>(t, s);
    serval = std::make_unique<Side>(s, t);
  }

  /// Every bean of the pattern is here too, with every attribute, and says the same.
  void expect_same_beans(const std::string& pattern) {
    SCOPED_TRACE(pattern);
    std::set<std::string> names, ours;
    EXPECT_TRUE(eventually([&] {  // member beans come with the first heartbeat
      names = tomcat->names(pattern);
      ours = serval->names(pattern);
      return names == ours;
    }));
    EXPECT_EQ(ours, names);
    EXPECT_FALSE(names.empty());
    for (const auto& name : names) {
      // Tomcat does not describe this one: it shows what the class happens to have.
      if (!name.ends_with("name=HealthCheckValve")) expect_same_attributes(name);
    }
  }
  void expect_same_attributes(const std::string& bean) {
    SCOPED_TRACE(bean);
    const auto theirs = tomcat->attributes(bean);
    auto ours = serval->attributes(bean);
    for (const auto& [name, value] : theirs) {
      const auto found = ours.find(name);
      EXPECT_EQ(found != ours.end(), !kNotHere.contains(name)) << name;
      if (found != ours.end() && !is_of_the_moment(bean, name)) {
        EXPECT_EQ(found->second, value) << name;
      }
      ours.erase(name);
    }
    const bool is_10 = tomcat->node.kind() == Kind::kTomcat10;
    for (const auto& [name, value] : ours) {
      EXPECT_TRUE(kOnlyHere.contains(name) || (is_10 ? kOnly9 : kOnly10).contains(name))
          << "Tomcat has no " << name;
    }
  }
  void expect_same_answer(const Jmx::Parameters& parameters) {
    std::string shown;
    for (const auto& [name, value] : parameters) shown += name + "=" + value + " ";
    SCOPED_TRACE(shown);
    const std::string theirs = tomcat->answer(parameters), ours = serval->answer(parameters);
    EXPECT_EQ(first_line(ours), first_line(theirs));
    if (theirs.starts_with("OK")) {  // a failure ends in a Java stack there
      EXPECT_EQ(ours, theirs);
    }
  }

  std::unique_ptr<Side> tomcat, serval;
};

}  // namespace serval::test
