// container/connector/register_connectors.h
#pragma once
#include "container/core/registries.h"

namespace serval::connector {

/// Every protocol name of a <Connector> that Serval has, each with Tomcat's spellings.
void register_connectors(Registry<core::Connector>& connectors);

}  // namespace serval::connector
