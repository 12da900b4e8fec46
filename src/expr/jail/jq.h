// jq programs over JSON text, compiled once and kept. Only ever called inside the jail: jq has no limits of its own.
#pragma once

#include "expr/jail/frame.h"

#include <list>
#include <string>
#include <string_view>

struct jq_state;

namespace mbflow::expr {

class JqPrograms {
 public:
  using OutOfMemory = void (*)(void*);  // must not return
  explicit JqPrograms(OutOfMemory out_of_memory) : out_of_memory_(out_of_memory) {}
  ~JqPrograms();
  JqPrograms(const JqPrograms&) = delete;
  JqPrograms& operator=(const JqPrograms&) = delete;

  // done: the outputs as a JSON array. program: what jq says. too_much: the outputs are too large.
  [[nodiscard]] Answer run(std::string_view program, std::string_view input);

 private:
  struct Kept {
    std::string program;
    jq_state* state = nullptr;
    std::string messages;
  };
  [[nodiscard]] Kept* find(std::string_view program, std::string& fault);
  void drop_last();

  OutOfMemory out_of_memory_;
  std::list<Kept> kept_;  // latest first
};

}  // namespace mbflow::expr
