// cluster/ha/tcp/register_ha.h
#pragma once
#include "container/core/registries.h"

namespace serval::ha {

/// Adds everything clustered that server.xml and context.xml may name. The registries must outlive
/// what they build.
void register_ha(core::Registries& registries);

}  // namespace serval::ha
