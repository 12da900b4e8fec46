// What makes a document valid here: the node types that exist, and expressions that compile.
#pragma once

#include "model/document.h"

namespace mbflow::runtime {

[[nodiscard]] DocumentRules document_rules(const NodeTable& nodes);

}  // namespace mbflow::runtime
