#include "model/faults.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>

namespace mbflow {
namespace {

// A hostile document must not cost more memory in faults than it has itself.
constexpr std::size_t most_kept = 10'000;

// Where a pointer leads: the position of each member or element on the way. What is missing comes after what is there.
std::vector<std::uint32_t> position(const Value& document, std::string_view pointer) {
  std::vector<std::uint32_t> way;
  const Value* value = &document;
  for (std::size_t begin = 1; begin <= pointer.size();) {
    const std::size_t end = std::min(pointer.find('/', begin), pointer.size());
    std::string token(pointer.substr(begin, end - begin));
    begin = end + 1;
    std::size_t index = value ? value->size() : 0;
    if (value && value->is_array()) std::from_chars(token.data(), token.data() + token.size(), index);
    if (value && value->is_object()) {
      for (auto tilde = token.find('~'); tilde != std::string::npos; tilde = token.find('~', tilde + 1)) {
        token.replace(tilde, 2, token.compare(tilde, 2, "~1") == 0 ? "/" : "~");
      }
      const auto same = [&](const Member& member) { return member.key.as_string() == token; };
      const auto found = std::ranges::find_if(value->members(), same);
      index = static_cast<std::size_t>(found - value->members().begin());
    }
    way.push_back(static_cast<std::uint32_t>(index));
    const bool there = value && index < value->size();
    value = !there ? nullptr : value->is_array() ? &value->elements()[index] : &value->members()[index].value;
  }
  return way;
}

Fault the_rest(std::size_t errors, std::size_t warnings) {
  Fault rest;
  rest.error = fail(Kind::invalid, "document.too_many_faults",
                    "and " + std::to_string(errors + warnings) + " more; fix the ones above first");
  rest.warning = errors == 0;
  return rest;
}

}  // namespace

void FaultList::note(std::string at, std::string_view code, std::string message, bool warning) {
  if (faults_.size() >= most_kept) {
    ++(warning ? warnings_not_kept_ : errors_not_kept_);
    return;
  }
  Fault fault;
  fault.error = fail(Kind::invalid, code, std::move(message)).with_at(std::move(at));
  fault.warning = warning;
  faults_.push_back(std::move(fault));
}

std::vector<Fault> FaultList::take(const Value& document) {
  std::vector<std::pair<std::vector<std::uint32_t>, Fault>> placed;
  for (auto& fault : faults_) placed.emplace_back(position(document, fault.error.at), std::move(fault));
  faults_.clear();
  std::ranges::stable_sort(placed, {}, [](const auto& one) -> const auto& { return one.first; });

  const auto is_error = [](const auto& one) { return !one.second.warning; };
  const auto errors = static_cast<std::size_t>(std::ranges::count_if(placed, is_error));
  std::size_t room_for_warnings = most_shown - std::min(most_shown, errors);
  std::vector<Fault> shown;
  for (auto& [way, fault] : placed) {
    const bool fits = fault.warning ? room_for_warnings > 0 : shown.size() < most_shown;
    if (!fits) {
      ++(fault.warning ? warnings_not_kept_ : errors_not_kept_);
      continue;
    }
    if (fault.warning) --room_for_warnings;
    shown.push_back(std::move(fault));
  }
  if (errors_not_kept_ + warnings_not_kept_ > 0) shown.push_back(the_rest(errors_not_kept_, warnings_not_kept_));
  return shown;
}

}  // namespace mbflow
