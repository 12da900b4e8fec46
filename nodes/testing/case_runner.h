// Runs one case of a node folder: config and input as data, recorded exchanges for the world, and what must come out.
#pragma once

#include <mbflow/node.h>

#include <filesystem>
#include <string>
#include <vector>

namespace mbflow::nodes {

struct Case {
  std::string type;
  std::string name;  // the file's, or example_1 … for those of node.json
  std::filesystem::path file;
  Value test;
};

// nodes/ of the source tree, as the environment variable MBFLOW_SOURCE_DIR has it.
[[nodiscard]] std::filesystem::path nodes_dir();

// The cases in the folders, and the examples, which must hold just as well. A file that cannot be read is a case that
// fails.
[[nodiscard]] std::vector<Case> find_cases(const std::filesystem::path& folders);

// What differs from the expectation, a line each; empty: the case passes.
[[nodiscard]] std::vector<std::string> run_case(const NodeType& type, const Value& test);

}  // namespace mbflow::nodes
