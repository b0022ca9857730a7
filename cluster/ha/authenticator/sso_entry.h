// cluster/ha/authenticator/sso_entry.h
#pragma once
#include <cstdint>
#include <span>

#include "container/authenticator/single_sign_on.h"
#include "container/base/result.h"
#include "container/servlet/serval/value.h"
#include "container/session/serializable_principal.h"

namespace serval::ha {

/// A login of ClusterSingleSignOn as one Java object stream. It holds user and password as the
/// client sent them.
///
/// `form`: of the user in it. Errors of decode: kProtocol.
/// Source: Tomcat org.apache.catalina.authenticator.SingleSignOnEntry, SingleSignOnSessionKey (UID
/// 1); ha-messages 11.
Result<Bytes> encode_sso_entry(const core::SingleSignOnEntry& entry,
                               core::SerializablePrincipal::Form form);
Result<core::SingleSignOnEntryPtr> decode_sso_entry(std::span<const std::uint8_t> stream);

}  // namespace serval::ha
