#include "container/config/tomcat_names_rows.h"

namespace serval::tomcat_names {

// Classes of sessions and clustering, each with its attributes: those of Tomcat 9.0.99 and 9.0.70.
constexpr TomcatClass kClusterRows[] = {
    {"org.apache.catalina.ha.tcp.SimpleTcpCluster",
     "channelSendOptions channelStartOptions clusterName heartbeatBackgroundEnabled "
     "notifyLifecycleListenerOnFailure domain throwOnFailure"},
    {"org.apache.catalina.ha.session.DeltaManager",
     "name notifyListenersOnReplication recordAllActions expireSessionsOnShutdown "
     "notifySessionListenersOnReplication notifyContainerListenersOnReplication "
     "stateTransferTimeout sendAllSessions sendAllSessionsSize sendAllSessionsWaitTime "
     "stateTimestampDrop maxActiveSessions processExpiresFrequency "
     "notifyAttributeListenerOnUnchangedValue notifyBindingListenerOnUnchangedValue "
     "sessionAttributeNameFilter sessionAttributeValueClassNameFilter "
     "warnOnSessionAttributeFilterFailure persistAuthentication persistAuthenticationNotes "
     "secureRandomClass secureRandomProvider secureRandomAlgorithm duplicates expiredSessions "
     "maxActive noContextManagerReceived processingTime sessionCounter sessionMaxAliveTime "
     "stateTransfered stateTransferred domain throwOnFailure"},
    {"org.apache.catalina.ha.session.BackupManager",
     "name notifyListenersOnReplication recordAllActions mapSendOptions rpcTimeout "
     "accessTimeout terminateOnStartFailure maxActiveSessions processExpiresFrequency "
     "notifyAttributeListenerOnUnchangedValue notifyBindingListenerOnUnchangedValue "
     "sessionAttributeNameFilter sessionAttributeValueClassNameFilter "
     "warnOnSessionAttributeFilterFailure persistAuthentication persistAuthenticationNotes "
     "secureRandomClass secureRandomProvider secureRandomAlgorithm duplicates expiredSessions "
     "maxActive processingTime sessionCounter sessionMaxAliveTime domain throwOnFailure"},
    {"org.apache.catalina.session.StandardManager",
     "pathname maxActiveSessions processExpiresFrequency "
     "notifyAttributeListenerOnUnchangedValue notifyBindingListenerOnUnchangedValue "
     "sessionAttributeNameFilter sessionAttributeValueClassNameFilter "
     "warnOnSessionAttributeFilterFailure persistAuthentication persistAuthenticationNotes "
     "secureRandomClass secureRandomProvider secureRandomAlgorithm duplicates expiredSessions "
     "maxActive processingTime sessionCounter sessionMaxAliveTime domain throwOnFailure"},
    {"org.apache.catalina.session.PersistentManager",
     "maxIdleBackup maxIdleSwap minIdleSwap saveOnRestart maxActiveSessions "
     "processExpiresFrequency notifyAttributeListenerOnUnchangedValue "
     "notifyBindingListenerOnUnchangedValue sessionAttributeNameFilter "
     "sessionAttributeValueClassNameFilter warnOnSessionAttributeFilterFailure "
     "persistAuthentication persistAuthenticationNotes secureRandomClass secureRandomProvider "
     "secureRandomAlgorithm duplicates expiredSessions maxActive processingTime sessionCounter "
     "sessionMaxAliveTime domain throwOnFailure"},
    {"org.apache.catalina.session.FileStore", "directory throwOnFailure"},
    {"org.apache.catalina.session.JDBCStore",
     "driverName connectionURL connectionName connectionPassword dataSourceName "
     "localDataSource sessionTable sessionAppCol sessionIdCol sessionDataCol sessionValidCol "
     "sessionMaxInactiveCol sessionLastAccessedCol throwOnFailure"},
    {"org.apache.catalina.util.StandardSessionIdGenerator",
     "sessionIdLength jvmRoute secureRandomAlgorithm secureRandomClass secureRandomProvider "
     "throwOnFailure"},
    {"org.apache.catalina.tribes.group.GroupChannel",
     "heartbeat heartbeatSleeptime optionCheck jmxEnabled jmxDomain jmxPrefix name optionFlag"},
    {"org.apache.catalina.tribes.membership.McastService",
     "address port frequency dropTime bind ttl domain soTimeout recoveryEnabled "
     "recoveryCounter recoverySleepTime localLoopbackDisabled mcastBindAddress mcastDropTime"},
    {"org.apache.catalina.tribes.membership.StaticMembershipService",
     "connectTimeout expirationTime rpcTimeout useThread pingInterval"},
    {"org.apache.catalina.tribes.membership.cloud.CloudMembershipService",
     "membershipProviderClassName connectTimeout readTimeout expirationTime *"},
    {"org.apache.catalina.tribes.membership.StaticMember",
     "host port securePort udpPort domain uniqueId hostname local memberAliveTime msgCount "
     "serviceStartTime"},
    {"org.apache.catalina.tribes.transport.nio.NioReceiver",
     "address port autoBind selectorTimeout maxThreads minThreads maxIdleTime securePort "
     "udpPort direct rxBufSize txBufSize udpRxBufSize udpTxBufSize tcpNoDelay soKeepAlive "
     "ooBInline soReuseAddress soLingerOn soLingerTime soTrafficClass timeout useBufferPool "
     "host bind daemon maxTasks minTasks listen"},
    {"org.apache.catalina.tribes.transport.nio.PooledParallelSender",
     "poolSize maxWait timeout maxRetryAttempts keepAliveCount keepAliveTime throwOnFailedAck "
     "rxBufSize txBufSize udpRxBufSize udpTxBufSize directBuffer tcpNoDelay soKeepAlive "
     "ooBInline soReuseAddress soLingerOn soLingerTime soTrafficClass address port udpBased "
     "udpPort attempt connectTime requestCount"},
    {"org.apache.catalina.tribes.group.interceptors.TcpFailureDetector",
     "connectTimeout performSendTest performReadTest readTestTimeout removeSuspectsTimeout "
     "optionFlag"},
    {"org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor",
     "optionFlag alwaysSend maxQueueSize maxThreads maxSpareThreads keepAliveTime useDeepClone "
     "andGetCurrentSize"},
    {"org.apache.catalina.tribes.group.interceptors.ThroughputInterceptor", "interval optionFlag"},
    {"org.apache.catalina.tribes.group.interceptors.DomainFilterInterceptor",
     "domain logInterval optionFlag"},
    {"org.apache.catalina.tribes.group.interceptors.EncryptInterceptor",
     "encryptionKey encryptionAlgorithm encryptionKeyString providerName optionFlag"},
    {"org.apache.catalina.tribes.group.interceptors.FragmentationInterceptor",
     "maxSize expire optionFlag"},
    {"org.apache.catalina.tribes.group.interceptors.GzipInterceptor",
     "compressionMinSize statsEnabled interval optionFlag"},
    {"org.apache.catalina.tribes.group.interceptors.OrderInterceptor",
     "expire maxQueue forwardExpired optionFlag"},
    {"org.apache.catalina.tribes.group.interceptors.TcpPingInterceptor",
     "interval useThread staticOnly optionFlag"},
    {"org.apache.catalina.tribes.group.interceptors.StaticMembershipInterceptor", "optionFlag"},
    {"org.apache.catalina.tribes.group.interceptors.TwoPhaseCommitInterceptor",
     "expire deepclone optionFlag"},
    {"org.apache.catalina.tribes.group.interceptors.NonBlockingCoordinator", "optionFlag"},
    {"org.apache.catalina.tribes.group.interceptors.SimpleCoordinator", "optionFlag"},
    {"org.apache.catalina.ha.tcp.ReplicationValve",
     "filter primaryIndicator primaryIndicatorName statistics asyncSupported domain "
     "throwOnFailure"},
    {"org.apache.catalina.ha.session.JvmRouteBinderValve",
     "enabled sessionIdAttribute asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.ha.authenticator.ClusterSingleSignOn",
     "cookieDomain cookieName requireReauthentication mapSendOptions rpcTimeout accessTimeout "
     "terminateOnStartFailure asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.ha.deploy.FarmWarDeployer",
     "deployDir tempDir watchDir watchEnabled processDeployFrequency maxValidTime"},
    {"org.apache.catalina.ha.context.ReplicatedContext",
     "mapSendOptions @org.apache.catalina.core.StandardContext"},
    {"org.apache.catalina.ha.backend.HeartbeatListener",
     "Port Host ProxyList proxyURL Group Multiport Ttl proxyURLString"},
    {"org.apache.catalina.session.DataSourceStore", "@org.apache.catalina.session.JDBCStore"},
    {"org.apache.catalina.tribes.transport.bio.BioReceiver",
     "@org.apache.catalina.tribes.transport.nio.NioReceiver"},
    {"org.apache.catalina.tribes.transport.bio.PooledMultiSender",
     "@org.apache.catalina.tribes.transport.nio.PooledParallelSender"},
    {"org.apache.catalina.tribes.transport.ReplicationTransmitter", ""},
    {"org.apache.catalina.ha.session.ClusterSessionListener", ""},
    {"org.apache.catalina.ha.authenticator.ClusterSingleSignOnListener", ""},
};

std::span<const TomcatClass> cluster_rows() { return kClusterRows; }

}  // namespace serval::tomcat_names
