// container/core/register_managers.h
#pragma once
#include "container/core/registries.h"

namespace serval::core {

/// The managers a <Context> may name, besides those of the cluster.
void register_managers(Registries& registries);

}  // namespace serval::core
