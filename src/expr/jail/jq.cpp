#include "expr/jail/jq.h"

#include <algorithm>
#include <utility>

extern "C" {
#include <jq.h>
}

namespace mbflow::expr {
namespace {

constexpr std::size_t programs_kept = 16;  // a program of jq 1.6 takes about a megabyte

std::string text_of(jv value) {
  if (jv_get_kind(value) != JV_KIND_STRING) value = jv_dump_string(value, 0);
  std::string text(jv_string_value(value), static_cast<std::size_t>(jv_string_length_bytes(jv_copy(value))));
  jv_free(value);
  return text;
}

void collect(void* out, jv message) {
  auto& text = *static_cast<std::string*>(out);
  if (!text.empty()) text += '\n';
  text += text_of(message);
}

// jq 1.6 leaves these two unset, and calls them.
jv no_more_input(jq_state*, void*) { return jv_invalid(); }
void no_debug(void*, jv message) { jv_free(message); }

// A value that jq raised, or nothing when it only came to its end.
std::string fault_of(jv last) {
  if (!jv_invalid_has_msg(jv_copy(last))) {
    jv_free(last);
    return {};
  }
  return text_of(jv_invalid_get_msg(last));
}

}  // namespace

JqPrograms::~JqPrograms() {
  while (!kept_.empty()) drop_last();
}

void JqPrograms::drop_last() {
  jq_teardown(&kept_.back().state);
  kept_.pop_back();
}

JqPrograms::Kept* JqPrograms::find(std::string_view program, std::string& fault) {
  const auto known = std::ranges::find(kept_, program, &Kept::program);
  if (known != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, known);
    return &kept_.front();
  }
  while (kept_.size() >= programs_kept) drop_last();
  Kept& added = kept_.emplace_front();
  added.program = program;
  added.state = jq_init();
  std::string messages;
  if (added.state != nullptr) {
    jq_set_error_cb(added.state, collect, &messages);
    jq_set_input_cb(added.state, no_more_input, nullptr);
    jq_set_debug_cb(added.state, no_debug, nullptr);
    // jq asks the state that it runs for this, not the process.
    jq_set_nomem_handler(added.state, out_of_memory_, nullptr);
    if (jq_compile(added.state, added.program.c_str()) != 0) {
      jq_set_error_cb(added.state, collect, &added.messages);
      return &added;
    }
    jq_teardown(&added.state);
  }
  kept_.pop_front();
  fault = messages.empty() ? "jq cannot start" : messages;
  return nullptr;
}

Answer JqPrograms::run(std::string_view program, std::string_view input) {
  if (program.find('\0') != std::string_view::npos) return {0, Verdict::program, "the program holds a zero byte"};
  std::string fault;
  const Kept* kept = find(program, fault);
  if (kept == nullptr) return {0, Verdict::program, fault};
  jv parsed = jv_parse_sized(input.data(), static_cast<int>(input.size()));
  if (!jv_is_valid(parsed)) return {0, Verdict::program, "the input: " + fault_of(parsed)};
  jq_start(kept->state, parsed, 0);
  Answer answer{0, Verdict::done, "["};
  jv output = jq_next(kept->state);
  for (; jv_is_valid(output); output = jq_next(kept->state)) {
    if (answer.text.size() > 1) answer.text += ',';
    answer.text += text_of(jv_dump_string(output, 0));
    if (answer.text.size() > max_answer)
      return {0, Verdict::too_much, "its outputs take more than " + std::to_string(max_answer >> 20) + " MiB"};
  }
  answer.text += ']';
  fault = fault_of(output);
  if (fault.empty() || jq_halted(kept->state) != 0) return answer;
  return {0, Verdict::program, fault};
}

}  // namespace mbflow::expr
