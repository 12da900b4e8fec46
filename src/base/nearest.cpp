#include "base/nearest.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace mbflow {
namespace {

constexpr std::size_t longest = 64;
constexpr std::size_t most_candidates = 2000;

// Lower case, without the marks that people use in different ways: maxDelay, max-delay and max_delay are one word.
std::string fold(std::string_view word) {
  std::string folded;
  for (char c : word) {
    if (c == '_' || c == '-' || c == ' ') continue;
    folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return folded;
}

using Row = std::array<std::size_t, longest + 1>;

// Edits (insert, drop, change, swap of neighbours) from a to b; anything above `limit` is given as limit + 1.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t apart = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (apart > limit) return limit + 1;
  Row before{};
  Row last{};
  Row row{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    std::size_t best = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
      best = std::min(best, row[j]);
    }
    if (best > limit) return limit + 1;
    before = last;
    last = row;
  }
  return last[b.size()];
}

template <class Word>
std::string_view find_nearest(std::string_view word, std::span<const Word> candidates) {
  const std::string wanted = fold(word);
  if (wanted.empty() || wanted.size() > longest) return {};
  std::size_t limit = std::min<std::size_t>(3, (wanted.size() + 1) / 3);
  std::string_view found;
  for (const std::string_view candidate : candidates.first(std::min(candidates.size(), most_candidates))) {
    if (candidate.size() > longest) continue;
    const std::size_t edits = distance(wanted, fold(candidate), limit);
    if (edits > limit || (edits == limit && !found.empty())) continue;
    found = candidate;
    limit = edits;
    if (edits == 0) break;
  }
  return found;
}

std::string as_question(std::string_view found) {
  return found.empty() ? std::string() : "; did you mean '" + std::string(found) + "'?";
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  return find_nearest(word, candidates);
}

std::string_view nearest(std::string_view word, std::span<const std::string> candidates) {
  return find_nearest(word, candidates);
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  return as_question(nearest(word, candidates));
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  return as_question(nearest(word, candidates));
}

}  // namespace mbflow
