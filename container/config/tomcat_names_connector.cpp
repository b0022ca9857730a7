#include "container/config/tomcat_names_rows.h"

namespace serval::tomcat_names {

// Classes of connectors, each with its attributes: those of Tomcat 9.0.99 and 9.0.70.
constexpr TomcatClass kConnectorRows[] = {
    {"org.apache.catalina.connector.Connector",
     "@org.apache.coyote.http11.Http11NioProtocol @org.apache.coyote.ajp.AjpNioProtocol"},
    {"org.apache.coyote.http11.Http11NioProtocol",
     "@connector @socket connectionTimeout keepAliveTimeout maxKeepAliveRequests maxThreads "
     "minSpareThreads maxConnections acceptCount address maxHttpHeaderSize "
     "maxHttpRequestHeaderSize maxHttpResponseHeaderSize maxHeaderCount compression "
     "compressionMinSize compressibleMimeType noCompressionUserAgents restrictedUserAgents "
     "relaxedPathChars relaxedQueryChars rejectIllegalHeader allowHostHeaderMismatch "
     "allowedTrailerHeaders maxTrailerSize maxExtensionSize maxSwallowSize "
     "connectionUploadTimeout disableUploadTimeout continueResponseTiming tcpNoDelay "
     "connectionLinger server serverRemoveAppProvidedValues useKeepAliveResponseHeader "
     "useSendfile SSLEnabled defaultSSLHostConfigName sslImplementationName sniParseLimit "
     "processorCache maxQueueSize acceptorThreadPriority threadPriority pollerThreadPriority "
     "selectorTimeout clientCertProvider portOffset bindOnInit "
     "executorTerminationTimeoutMillis unixDomainSocketPath unixDomainSocketPathPermissions "
     "useInheritedChannel useAsyncIO useVirtualThreads upgradeAsyncWriteBufferSize "
     "maxSavePostSize port secure acceptorThreadCount algorithm ciphers clientAuth crlFile "
     "keyAlias keyPass keyPassFile keystoreFile keystorePass keystorePassFile keystoreProvider "
     "keystoreType noCompressionStrongETag pollerThreadCount rejectIllegalHeaderName "
     "sSLCACertificateFile sSLCACertificatePath sSLCARevocationFile sSLCARevocationPath "
     "sSLCertificateChainFile sSLCertificateFile sSLCertificateKeyFile sSLCipherSuite "
     "sSLDisableCompression sSLDisableSessionTickets sSLHonorCipherOrder sSLPassword "
     "sSLPasswordFile sSLProtocol sSLVerifyClient sSLVerifyDepth sessionCacheSize "
     "sessionTimeout sslEnabledProtocols sslProtocol trustManagerClassName trustMaxCertLength "
     "truststoreAlgorithm truststoreFile truststorePass truststoreProvider truststoreType "
     "useServerCipherSuitesOrder"},
    {"org.apache.coyote.ajp.AjpNioProtocol",
     "@connector @socket address secret secretRequired requiredSecret packetSize "
     "tomcatAuthentication tomcatAuthorization allowedRequestAttributesPattern ajpFlush "
     "connectionTimeout keepAliveTimeout maxThreads minSpareThreads maxConnections acceptCount "
     "tcpNoDelay connectionLinger maxHeaderCount processorCache maxQueueSize "
     "clientCertProvider threadPriority acceptorThreadPriority port portOffset "
     "acceptorThreadCount bindOnInit executorTerminationTimeoutMillis"},
    {"org.apache.tomcat.util.net.SSLHostConfig",
     "hostName protocols ciphers honorCipherOrder certificateVerification "
     "certificateVerificationDepth caCertificateFile caCertificatePath "
     "certificateRevocationListFile certificateRevocationListPath certificateFile "
     "certificateKeyFile certificateChainFile truststoreFile truststorePassword truststoreType "
     "truststoreProvider truststoreAlgorithm disableCompression disableSessionTickets "
     "insecureRenegotiation sessionCacheSize sessionTimeout sslProtocol keyManagerAlgorithm "
     "revocationEnabled trustManagerClassName tls13RenegotiationAvailable certificateKeyAlias "
     "certificateKeyPassword certificateKeyPasswordFile certificateKeystoreFile "
     "certificateKeystorePassword certificateKeystorePasswordFile certificateKeystoreProvider "
     "certificateKeystoreType certificateVerificationAsString openSslConfContext "
     "openSslContext"},
    {"org.apache.tomcat.util.net.SSLHostConfigCertificate",
     "certificateFile certificateKeyFile certificateKeyPassword certificateKeyPasswordFile "
     "certificateChainFile certificateKeystoreFile certificateKeystorePassword "
     "certificateKeystorePasswordFile certificateKeystoreType certificateKeystoreProvider "
     "certificateKeyAlias type"},
    {"org.apache.coyote.http2.Http2Protocol",
     "readTimeout writeTimeout keepAliveTimeout streamReadTimeout streamWriteTimeout "
     "maxConcurrentStreams maxConcurrentStreamExecution initialWindowSize maxHeaderCount "
     "maxHeaderSize maxTrailerCount maxTrailerSize overheadCountFactor overheadResetFactor "
     "overheadContinuationThreshold overheadDataThreshold overheadWindowUpdateThreshold "
     "compression compressionMinSize compressibleMimeType noCompressionUserAgents "
     "allowedTrailerHeaders useSendfile initiatePingDisabled discardRequestsAndResponses "
     "noCompressionStrongETag"},
    {"org.apache.tomcat.util.net.openssl.OpenSSLConf", ""},
    {"org.apache.tomcat.util.net.openssl.OpenSSLConfCmd", "name value"},
    {"connector",
     "port protocol executor redirectPort scheme secure proxyName proxyPort URIEncoding "
     "useBodyEncodingForURI maxPostSize maxParameterCount maxSavePostSize maxCookieCount "
     "parseBodyMethods enableLookups allowTrace asyncTimeout encodedSolidusHandling "
     "encodedReverseSolidusHandling useIPVHosts xpoweredBy discardFacades portOffset domain "
     "throwOnFailure backlog soLinger soTimeout"},
    {"socket",
     "socket.rxBufSize socket.txBufSize socket.tcpNoDelay socket.soKeepAlive "
     "socket.soReuseAddress socket.soLingerOn socket.soLingerTime socket.soTimeout "
     "socket.ooBInline socket.performanceConnectionTime socket.performanceLatency "
     "socket.performanceBandwidth socket.unlockTimeout socket.directBuffer "
     "socket.directSslBuffer socket.appReadBufSize socket.appWriteBufSize socket.bufferPool "
     "socket.bufferPoolSize socket.processorCache socket.eventCache"},
    {"org.apache.coyote.http11.Http11Nio2Protocol", "@org.apache.coyote.http11.Http11NioProtocol"},
    {"org.apache.coyote.http11.Http11AprProtocol",
     "@org.apache.coyote.http11.Http11NioProtocol deferAccept pollTime sendfileSize"},
    {"org.apache.coyote.ajp.AjpNio2Protocol", "@org.apache.coyote.ajp.AjpNioProtocol"},
    {"org.apache.coyote.ajp.AjpAprProtocol", "@org.apache.coyote.ajp.AjpNioProtocol pollTime"},
};

std::span<const TomcatClass> connector_rows() { return kConnectorRows; }

}  // namespace serval::tomcat_names
