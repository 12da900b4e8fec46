#include "base/json_schema_pattern.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <regex>
#include <vector>

namespace mbflow::schema {
namespace {

constexpr std::size_t longest_pattern = 1000;
constexpr std::size_t deepest_groups = 50;
constexpr std::uint64_t most_states = 2000;
constexpr std::uint64_t most_steps = 20'000'000;  // states times characters: about a second at the worst

// UTF-8 to code points; the text is valid already.
std::wstring widen(std::string_view text) {
  std::wstring wide;
  wide.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t code = length == 1 ? lead : lead & (0xffU >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
      code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3fU);
    }
    wide += static_cast<wchar_t>(code);
    i += length;
  }
  return wide;
}

// How many states the automaton of a pattern will have, found before it is built: counted repetitions copy their atom.
class Cost {
 public:
  explicit Cost(std::string_view pattern) : pattern_(pattern) {}

  // 0: nested too deeply.
  std::uint64_t states() {
    std::vector<std::uint64_t> sums{0};  // one an open group
    while (at_ < pattern_.size()) {
      const char c = pattern_[at_++];
      if (c == '(') {
        if (sums.size() > deepest_groups) return 0;
        sums.push_back(1);
        continue;
      }
      std::uint64_t atom = 1;
      if (c == ')' && sums.size() > 1) {
        atom = sums.back() + 1;
        sums.pop_back();
      }
      if (c == '\\') ++at_;
      if (c == '[') skip_class();
      sums.back() = std::min(most_states + 1, sums.back() + atom * repetition());
    }
    return std::min(most_states + 1, std::max<std::uint64_t>(sums.back(), 1));
  }

 private:
  void skip_class() {
    while (at_ < pattern_.size() && pattern_[at_] != ']') at_ += pattern_[at_] == '\\' ? 2 : 1;
    ++at_;
  }

  // The larger number of {m}, {m,} or {m,n} that follows; 1 if nothing does.
  std::uint64_t repetition() {
    if (at_ >= pattern_.size() || pattern_[at_] != '{') return 1;
    const std::size_t end = pattern_.find('}', at_);
    if (end == std::string_view::npos) return 1;
    std::uint64_t most = 1;
    for (const char* p = pattern_.data() + at_ + 1; p < pattern_.data() + end;) {
      std::uint64_t number = 0;
      const auto [next, error] = std::from_chars(p, pattern_.data() + end, number);
      most = std::max(most, error == std::errc::result_out_of_range ? most_states + 1 : number + 1);
      p = next == p ? p + 1 : next;
    }
    at_ = end + 1;
    return std::min(most, most_states + 1);
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
};

Error refused(std::string_view pattern, std::string_view why) {
  return fail(Kind::invalid, "schema.invalid",
              "the pattern '" + std::string(pattern.substr(0, 80)) + "' cannot be used: " + std::string(why));
}

}  // namespace

struct Pattern::State {
  std::string text;
  std::wregex regex;
  std::uint64_t states = 1;
};

Result<Pattern> Pattern::compile(std::string_view pattern) {
  if (pattern.size() > longest_pattern) return refused(pattern, "it is longer than 1,000 bytes");
  const std::uint64_t states = Cost(pattern).states();
  if (states == 0 || states > most_states) return refused(pattern, "it is too large; use smaller {counts}");
  try {
    auto state = std::make_shared<State>();
    state->text = pattern;
    state->states = states;
    // Polynomial: breadth first, so neither time nor stack explodes. The prefix lets one pass over the text find the
    // pattern at any place; std::regex_search by itself would begin anew at every character.
    // __polynomial is libstdc++'s own; no other standard library is built with.
    const std::wregex whole_by_itself(widen(pattern));  // "a)|(b" is sound only inside the prefix's brackets
    state->regex.assign(L"[^]*(?:" + widen(pattern) + L")",
                        std::regex_constants::ECMAScript | std::regex_constants::__polynomial | std::regex_constants::nosubs);
    Pattern made;
    made.state_ = std::move(state);
    return made;
  } catch (const std::regex_error&) {
    return refused(pattern, "it is not a regular expression that is understood here (no back-references, \\p or names)");
  }
}

Pattern::Answer Pattern::search(std::string_view text) const {
  if (state_->states * text.size() > most_steps) return Answer::too_long;
  const auto wide = widen(text);
  const bool found = std::regex_search(wide, state_->regex, std::regex_constants::match_continuous);
  return found ? Answer::matches : Answer::differs;
}

const std::string& Pattern::text() const { return state_->text; }

}  // namespace mbflow::schema
