// Faults gathered while a document is read: bounded in number, and put into the order of the document at the end.
// Internal to model/.
#pragma once

#include "model/workflow.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow {

class FaultList {
 public:
  static constexpr std::size_t most_shown = 100;

  void note(std::string at, std::string_view code, std::string message, bool warning);
  void add(std::string at, std::string_view code, std::string message) { note(std::move(at), code, std::move(message), false); }
  void warn(std::string at, std::string_view code, std::string message) { note(std::move(at), code, std::move(message), true); }
  // Spelling hints are worth their time for the faults that will be shown only.
  [[nodiscard]] bool wants_hint() const { return faults_.size() < most_shown; }
  [[nodiscard]] bool empty() const { return faults_.empty(); }

  // In document order; beyond a hundred, warnings give way to errors and a last fault counts the rest.
  [[nodiscard]] std::vector<Fault> take(const Value& document);

 private:
  std::vector<Fault> faults_;
  std::size_t errors_not_kept_ = 0;
  std::size_t warnings_not_kept_ = 0;
};

}  // namespace mbflow
