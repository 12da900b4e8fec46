// Every case of every node folder, and every example of a node.json, as a test of its own.
#include "nodes/testing/case_runner.h"

#include <gtest/gtest.h>

namespace mbflow::nodes {
namespace {

class NodeCase : public testing::TestWithParam<Case> {};

TEST_P(NodeCase, holds) {
  const Case& one = GetParam();
  for (const std::string& fault : run_case(*built_in_nodes().find(one.type), one.test)) {
    ADD_FAILURE() << one.file.string() << " (" << one.test["title"].as_string() << ")\n" << fault;
  }
}

INSTANTIATE_TEST_SUITE_P(nodes, NodeCase, testing::ValuesIn(find_cases(nodes_dir())),
                         [](const testing::TestParamInfo<Case>& one) { return one.param.type + "_" + one.param.name; });

}  // namespace

// gtest would print the bytes of a Case otherwise.
void PrintTo(const Case& one, std::ostream* out) { *out << one.type << "/" << one.name; }

}  // namespace mbflow::nodes
