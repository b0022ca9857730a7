#include "container/config/tomcat_names_rows.h"

namespace serval::tomcat_names {

// Classes of valves, each with its attributes: those of Tomcat 9.0.99 and 9.0.70.
constexpr TomcatClass kValvesRows[] = {
    {"org.apache.catalina.valves.AccessLogValve",
     "directory prefix suffix fileDateFormat rotatable renameOnRotate maxDays encoding pattern "
     "locale buffered maxLogMessageBufferSize condition conditionUnless conditionIf enabled "
     "checkExists requestAttributesEnabled ipv6Canonical asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.valves.JsonAccessLogValve",
     "directory prefix suffix fileDateFormat rotatable renameOnRotate maxDays encoding pattern "
     "locale buffered maxLogMessageBufferSize condition conditionUnless conditionIf enabled "
     "checkExists requestAttributesEnabled ipv6Canonical asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.valves.ExtendedAccessLogValve",
     "directory prefix suffix fileDateFormat rotatable renameOnRotate maxDays encoding pattern "
     "locale buffered maxLogMessageBufferSize condition conditionUnless conditionIf enabled "
     "checkExists requestAttributesEnabled ipv6Canonical asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.valves.ErrorReportValve",
     "showReport showServerInfo asyncSupported domain throwOnFailure errorCode.* "
     "exceptionType.*"},
    {"org.apache.catalina.valves.JsonErrorReportValve",
     "showReport showServerInfo asyncSupported domain throwOnFailure errorCode.* "
     "exceptionType.*"},
    {"org.apache.catalina.valves.ProxyErrorReportValve",
     "useRedirect usePropertiesFile showReport showServerInfo asyncSupported domain "
     "throwOnFailure errorCode.* exceptionType.*"},
    {"org.apache.catalina.valves.RemoteIpValve",
     "remoteIpHeader internalProxies trustedProxies proxiesHeader protocolHeader "
     "protocolHeaderHttpsValue hostHeader portHeader httpServerPort httpsServerPort "
     "changeLocalName changeLocalPort requestAttributesEnabled asyncSupported domain "
     "throwOnFailure"},
    {"org.apache.catalina.valves.RemoteAddrValve",
     "allow deny denyStatus addConnectorPort invalidAuthenticationWhenDeny usePeerAddress "
     "asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.valves.RemoteHostValve",
     "allow deny denyStatus addConnectorPort invalidAuthenticationWhenDeny usePeerAddress "
     "asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.valves.RemoteCIDRValve",
     "allow deny denyStatus addConnectorPort invalidAuthenticationWhenDeny usePeerAddress "
     "asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.valves.StuckThreadDetectionValve",
     "threshold interruptThreadThreshold asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.valves.SemaphoreValve",
     "concurrency block fairness interruptible highConcurrencyStatus asyncSupported domain "
     "throwOnFailure"},
    {"org.apache.catalina.valves.rewrite.RewriteValve",
     "enabled configuration asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.valves.HealthCheckValve",
     "path checkContainersAvailable asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.valves.LoadBalancerDrainingValve",
     "redirectStatusCode ignoreCookieName ignoreCookieValue asyncSupported domain "
     "throwOnFailure"},
    {"org.apache.catalina.valves.PersistentValve",
     "filter semaphoreFairness semaphoreBlockOnAcquire semaphoreAcquireUninterruptibly "
     "asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.valves.CrawlerSessionManagerValve",
     "crawlerUserAgents crawlerIps sessionInactiveInterval hostAware contextAware "
     "asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.valves.SSLValve",
     "sslClientCertHeader sslClientEscapedCertHeader sslCipherHeader sslSessionIdHeader "
     "sslCipherUserKeySizeHeader asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.valves.JDBCAccessLogValve",
     "connectionURL driverName asyncSupported bytesField connectionName connectionPassword "
     "methodField pattern queryField refererField remoteHostField requestAttributesEnabled "
     "resolveHosts statusField tableName timestampField useLongContentLength userAgentField "
     "userField virtualHostField domain throwOnFailure"},
};

std::span<const TomcatClass> valves_rows() { return kValvesRows; }

}  // namespace serval::tomcat_names
