// container/valves/register_valves.h
#pragma once
#include "container/core/registries.h"

namespace serval::core {

/// The table of the valves that server.xml and context.xml may name.
void register_valves(Registries& registries);

}  // namespace serval::core
