#include "container/config/tomcat_names_rows.h"

namespace serval::tomcat_names {

// Classes of the container, its listeners and resources, each with its attributes: those of
// Tomcat 9.0.99 and 9.0.70.
constexpr TomcatClass kContainerRows[] = {
    {"org.apache.catalina.core.StandardServer",
     "port address shutdown portOffset utilityThreads utilityThreadsAsDaemon "
     "periodicEventDelay domain throwOnFailure"},
    {"org.apache.catalina.core.StandardService",
     "name gracefulStopAwaitMillis domain throwOnFailure"},
    {"org.apache.catalina.core.StandardThreadExecutor",
     "name namePrefix maxThreads minSpareThreads maxIdleTime maxQueueSize daemon "
     "threadPriority threadRenewalDelay domain throwOnFailure"},
    {"org.apache.catalina.core.StandardEngine",
     "name defaultHost jvmRoute backgroundProcessorDelay startStopThreads startChildren domain "
     "throwOnFailure"},
    {"org.apache.catalina.core.StandardHost",
     "name appBase xmlBase createDirs autoDeploy deployOnStartup unpackWARs deployXML copyXML "
     "deployIgnore backgroundProcessorDelay undeployOldVersions errorReportValveClass workDir "
     "startStopThreads failCtxIfServletStartFails contextClass configClass startChildren "
     "domain throwOnFailure"},
    {"org.apache.catalina.core.StandardContext",
     "path docBase reloadable distributable sessionTimeout cookies useHttpOnly "
     "sessionCookieName sessionCookieDomain sessionCookiePath "
     "sessionCookiePathUsesTrailingSlash usePartitioned crossContext privileged override "
     "antiResourceLocking "
     "unpackWAR copyXML altDDName backgroundProcessorDelay swallowOutput swallowAbortedUploads "
     "allowCasualMultipartParsing createUploadTargets useRelativeRedirects sendRedirectBody "
     "mapperContextRootRedirectEnabled mapperDirectoryRedirectEnabled preemptiveAuthentication "
     "failCtxIfServletStartFails validateClientProvidedNewSessionId "
     "allowMultipleLeadingForwardSlashInPath dispatchersUseEncodedPaths encodedSolidusHandling "
     "encodedReverseSolidusHandling denyUncoveredHttpMethods requestCharacterEncoding "
     "responseCharacterEncoding webappVersion workDir unloadDelay "
     "fireRequestListenersOnForwards resourceOnlyServlets replaceWelcomeFiles "
     "logEffectiveWebXml ignoreAnnotations xmlValidation xmlNamespaceAware xmlBlockExternal "
     "tldValidation containerSciFilter addWebinfClassesResources parallelAnnotationScanning "
     "wrapperClass charsetMapperClass useNaming jndiExceptionOnFailedWrite delegate "
     "renewThreadsWhenStoppingContext skipMemoryLeakChecksOnJvmShutdown "
     "clearReferencesStopThreads clearReferencesStopTimerThreads "
     "clearReferencesHttpClientKeepAliveThread clearReferencesObjectStreamClassCaches "
     "clearReferencesRmiTargets clearReferencesThreadLocals notFoundClassResourceCacheSize "
     "startStopThreads startChildren name displayName defaultContextXml defaultWebXml "
     "effectiveMajorVersion effectiveMinorVersion publicId server useBloomFilterForArchives "
     "configured j2EEApplication j2EEServer originalDocBase startupTime tldScanTime domain "
     "throwOnFailure"},
    {"org.apache.catalina.loader.WebappLoader",
     "delegate reloadable loaderClass domain throwOnFailure"},
    {"org.apache.catalina.webresources.StandardRoot",
     "cachingAllowed cacheMaxSize cacheTtl cacheObjectMaxSize allowLinking trackLockedFiles "
     "archiveIndexStrategy readOnly domain throwOnFailure"},
    {"org.apache.catalina.webresources.DirResourceSet",
     "base webAppMount internalPath readOnly classLoaderOnly staticOnly throwOnFailure"},
    {"org.apache.tomcat.util.http.Rfc6265CookieProcessor",
     "sameSiteCookies partitioned cookiesWithoutEquals"},
    {"org.apache.tomcat.util.http.LegacyCookieProcessor",
     "sameSiteCookies partitioned cookiesWithoutEquals allowEqualsInValue allowNameOnly "
     "allowHttpSepsInV0 alwaysAddExpires forwardSlashIsSeparator"},
    {"org.apache.tomcat.util.scan.StandardJarScanner",
     "scanClassPath scanManifest scanAllFiles scanAllDirectories scanBootstrapClassPath"},
    {"org.apache.tomcat.util.scan.StandardJarScanFilter",
     "tldSkip tldScan defaultTldScan pluggabilitySkip pluggabilityScan defaultPluggabilityScan"},
    {"org.apache.catalina.startup.VersionLoggerListener", "logArgs logEnv logProps"},
    {"org.apache.catalina.core.AprLifecycleListener",
     "SSLEngine FIPSMode SSLRandomSeed useOpenSSL useAprConnector"},
    {"org.apache.catalina.core.JreMemoryLeakPreventionListener",
     "AWTThreadProtection appContextProtection classesToInitialize driverManagerProtection "
     "forkJoinCommonPoolProtection gcDaemonProtection initSeedGenerator ldapPoolProtection "
     "tokenPollerProtection urlCacheProtection xmlParsingProtection"},
    {"org.apache.catalina.security.SecurityListener",
     "checkedOsUsers minimumUmask buildDateWarningAgeDays"},
    {"org.apache.catalina.security.TLSCertificateReloadListener", "checkPeriod daysBefore"},
    {"org.apache.catalina.storeconfig.StoreConfigLifecycleListener",
     "storeConfigClass storeRegistry"},
    {"org.apache.catalina.startup.UserConfig",
     "directoryName userClass homeBase allow deny configClass contextClass"},
    {"org.apache.catalina.core.StandardVirtualThreadExecutor",
     "name namePrefix domain throwOnFailure"},
    {"org.apache.catalina.webresources.ExtractingRoot",
     "@org.apache.catalina.webresources.StandardRoot"},
    {"org.apache.catalina.webresources.FileResourceSet",
     "@org.apache.catalina.webresources.DirResourceSet"},
    {"org.apache.catalina.webresources.JarResourceSet",
     "@org.apache.catalina.webresources.DirResourceSet"},
    {"org.apache.catalina.webresources.EmptyResourceSet",
     "classLoaderOnly readOnly staticOnly throwOnFailure"},
    {"org.apache.catalina.core.OpenSSLLifecycleListener",
     "@org.apache.catalina.core.AprLifecycleListener"},
    {"org.apache.catalina.core.ThreadLocalLeakPreventionListener", ""},
    {"org.apache.catalina.core.JniLifecycleListener", "libraryName libraryPath"},
    {"org.apache.catalina.core.NamingContextListener", "exceptionOnFailedWrite name"},
    {"org.apache.catalina.core.ContextNamingInfoListener", "emptyOnRoot"},
    {"org.apache.catalina.core.PropertiesRoleMappingListener", "roleMappingFile keyPrefix"},
    {"org.apache.catalina.mbeans.GlobalResourcesLifecycleListener", ""},
    {"org.apache.catalina.mbeans.JmxRemoteLifecycleListener",
     "rmiRegistryPortPlatform rmiServerPortPlatform rmiBindAddress useLocalPorts"},
    {"org.apache.catalina.startup.EngineConfig", ""},
    {"org.apache.catalina.startup.HostConfig", "contextClass copyXML deployXML unpackWARs"},
    {"org.apache.catalina.startup.ContextConfig", "defaultWebXml"},
    {"org.apache.catalina.deploy.NamingResourcesImpl", "domain throwOnFailure"},
    {"org.apache.tomcat.util.descriptor.web.ApplicationParameter",
     "description name override value"},
    {"org.apache.tomcat.util.descriptor.web.ContextEnvironment",
     "description lookupName name override type value *"},
    {"org.apache.tomcat.util.descriptor.web.ContextResource",
     "auth closeMethod description lookupName name scope singleton type *"},
    {"org.apache.tomcat.util.descriptor.web.ContextResourceLink",
     "description factory global lookupName name type *"},
    {"org.apache.tomcat.util.descriptor.web.ContextResourceEnvRef",
     "description name override type *"},
    {"org.apache.tomcat.util.descriptor.web.ContextEjb",
     "description home link name remote type *"},
    {"org.apache.tomcat.util.descriptor.web.ContextLocalEjb",
     "description home link local name type *"},
    {"org.apache.tomcat.util.descriptor.web.ContextService",
     "description name type displayname largeIcon smallIcon *"},
    {"org.apache.tomcat.util.descriptor.web.ContextTransaction", "*"},
};

std::span<const TomcatClass> container_rows() { return kContainerRows; }

}  // namespace serval::tomcat_names
