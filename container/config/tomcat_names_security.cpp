#include "container/config/tomcat_names_rows.h"

namespace serval::tomcat_names {

// Classes of realms, authenticators and user databases, each with its attributes: those of
// Tomcat 9.0.99 and 9.0.70.
constexpr TomcatClass kSecurityRows[] = {
    {"org.apache.catalina.realm.UserDatabaseRealm",
     "resourceName localJndiResource useStaticPrincipal allRolesMode "
     "transportGuaranteeRedirectStatus validate stripRealmForGss userAttributes "
     "x509UsernameRetrieverClassName realmPath domain throwOnFailure"},
    {"org.apache.catalina.realm.LockOutRealm",
     "failureCount lockOutTime cacheSize cacheRemovalWarningTime allRolesMode "
     "transportGuaranteeRedirectStatus validate stripRealmForGss userAttributes "
     "x509UsernameRetrieverClassName realmPath domain throwOnFailure"},
    {"org.apache.catalina.realm.CombinedRealm",
     "allRolesMode transportGuaranteeRedirectStatus validate stripRealmForGss userAttributes "
     "x509UsernameRetrieverClassName realmPath domain throwOnFailure"},
    {"org.apache.catalina.realm.MemoryRealm",
     "pathname allRolesMode transportGuaranteeRedirectStatus validate stripRealmForGss "
     "userAttributes x509UsernameRetrieverClassName realmPath domain throwOnFailure"},
    {"org.apache.catalina.realm.NullRealm",
     "allRolesMode transportGuaranteeRedirectStatus validate stripRealmForGss userAttributes "
     "x509UsernameRetrieverClassName realmPath domain throwOnFailure"},
    {"org.apache.catalina.realm.DataSourceRealm",
     "dataSourceName localDataSource userTable userNameCol userCredCol userRoleTable "
     "roleNameCol allRolesMode transportGuaranteeRedirectStatus validate stripRealmForGss "
     "userAttributes x509UsernameRetrieverClassName realmPath domain throwOnFailure"},
    {"org.apache.catalina.realm.JDBCRealm",
     "driverName connectionURL connectionName connectionPassword userTable userNameCol "
     "userCredCol userRoleTable roleNameCol allRolesMode transportGuaranteeRedirectStatus "
     "validate stripRealmForGss userAttributes x509UsernameRetrieverClassName realmPath domain "
     "throwOnFailure"},
    {"org.apache.catalina.realm.JNDIRealm",
     "connectionURL alternateURL connectionName connectionPassword userPattern userBase "
     "userSearch userSubtree userPassword userRoleName roleBase roleName roleSearch "
     "roleSubtree roleNested commonRole connectionTimeout readTimeout connectionPoolSize "
     "useStartTls allRolesMode transportGuaranteeRedirectStatus validate stripRealmForGss "
     "userAttributes x509UsernameRetrieverClassName adCompat authentication cipherSuites "
     "contextFactory derefAliases forceDnHexEscape hostnameVerifierClassName protocol "
     "referrals roleSearchAsUser sizeLimit spnegoDelegationQop sslProtocol "
     "sslSocketFactoryClassName timeLimit useContextClassLoader useDelegatedCredential "
     "userRoleAttribute userSearchAsUser realmPath domain throwOnFailure"},
    {"org.apache.catalina.realm.JAASRealm",
     "appName allRolesMode transportGuaranteeRedirectStatus validate stripRealmForGss "
     "userAttributes x509UsernameRetrieverClassName configFile roleClassNames "
     "useContextClassLoader userClassNames realmPath domain throwOnFailure"},
    {"org.apache.catalina.realm.AuthenticatedUserRealm",
     "allRolesMode transportGuaranteeRedirectStatus validate stripRealmForGss userAttributes "
     "x509UsernameRetrieverClassName realmPath domain throwOnFailure"},
    {"org.apache.catalina.realm.MessageDigestCredentialHandler",
     "algorithm encoding iterations saltLength logInvalidStoredCredentials"},
    {"org.apache.catalina.realm.SecretKeyCredentialHandler",
     "algorithm iterations keyLength saltLength logInvalidStoredCredentials"},
    {"org.apache.catalina.authenticator.SingleSignOn",
     "cookieDomain cookieName requireReauthentication asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.authenticator.BasicAuthenticator",
     "charset cache changeSessionIdOnAuthentication alwaysUseSession disableProxyCaching "
     "securePagesWithPragma allowCorsPreflight sendAuthInfoResponseHeaders "
     "jaspicCallbackHandlerClass secureRandomClass secureRandomAlgorithm secureRandomProvider "
     "asyncSupported trimCredentials domain throwOnFailure"},
    {"org.apache.catalina.authenticator.DigestAuthenticator",
     "algorithms key opaque nonceValidity nonceCacheSize nonceCountWindowSize validateUri "
     "cache changeSessionIdOnAuthentication alwaysUseSession disableProxyCaching "
     "securePagesWithPragma allowCorsPreflight sendAuthInfoResponseHeaders "
     "jaspicCallbackHandlerClass secureRandomClass secureRandomAlgorithm secureRandomProvider "
     "asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.authenticator.FormAuthenticator",
     "characterEncoding landingPage authenticationSessionTimeout cache "
     "changeSessionIdOnAuthentication alwaysUseSession disableProxyCaching "
     "securePagesWithPragma allowCorsPreflight sendAuthInfoResponseHeaders "
     "jaspicCallbackHandlerClass secureRandomClass secureRandomAlgorithm secureRandomProvider "
     "asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.authenticator.SSLAuthenticator",
     "cache changeSessionIdOnAuthentication alwaysUseSession disableProxyCaching "
     "securePagesWithPragma allowCorsPreflight sendAuthInfoResponseHeaders "
     "jaspicCallbackHandlerClass secureRandomClass secureRandomAlgorithm secureRandomProvider "
     "asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.authenticator.NonLoginAuthenticator",
     "cache changeSessionIdOnAuthentication alwaysUseSession disableProxyCaching "
     "securePagesWithPragma allowCorsPreflight sendAuthInfoResponseHeaders "
     "jaspicCallbackHandlerClass secureRandomClass secureRandomAlgorithm secureRandomProvider "
     "asyncSupported domain throwOnFailure"},
    {"org.apache.catalina.authenticator.SpnegoAuthenticator",
     "loginConfigName noKeepAliveUserAgents storeDelegatedCredential cache "
     "changeSessionIdOnAuthentication alwaysUseSession disableProxyCaching "
     "securePagesWithPragma allowCorsPreflight sendAuthInfoResponseHeaders "
     "jaspicCallbackHandlerClass secureRandomClass secureRandomAlgorithm secureRandomProvider "
     "asyncSupported applyJava8u40Fix domain throwOnFailure"},
    {"org.apache.catalina.users.MemoryUserDatabase", "pathname readonly watchSource"},
    {"org.apache.catalina.realm.NestedCredentialHandler", ""},
    {"org.apache.catalina.users.DataSourceUserDatabase",
     "dataSourceName groupNameCol groupRoleTable groupTable readonly "
     "roleAndGroupDescriptionCol roleNameCol roleTable userCredCol userFullNameCol "
     "userGroupTable userNameCol userRoleTable userTable"},
};

std::span<const TomcatClass> security_rows() { return kSecurityRows; }

}  // namespace serval::tomcat_names
