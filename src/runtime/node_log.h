// The lines that a run of a node writes for people: a bounded number of bounded lines.
#pragma once

#include "expr/message.h"
#include "model/event.h"

#include <memory>

namespace mbflow::runtime {

class NodeLog {
 public:
  void add(LogLevel level, Timestamp at, std::string_view text) {
    if (lines_ && lines_->size() == most_lines) {
      ++left_out_;
      return;
    }
    if (!lines_) lines_ = std::make_shared<std::vector<LogLine>>();
    lines_->push_back({level, at, expr::fit_message(text, most_bytes)});
  }

  // All of them; null: there are none. Nothing is added after it.
  [[nodiscard]] std::shared_ptr<const std::vector<LogLine>> take() {
    if (left_out_ > 0) lines_->push_back({LogLevel::warn, lines_->back().at, "and " + std::to_string(left_out_) + " more lines, which are not kept"});
    return std::move(lines_);
  }

 private:
  static constexpr std::size_t most_lines = 100;
  static constexpr std::size_t most_bytes = 2'048;
  std::shared_ptr<std::vector<LogLine>> lines_;
  std::size_t left_out_ = 0;
};

}  // namespace mbflow::runtime
