// The words of the document for the values of enums. Internal to model/.
#pragma once

#include "model/workflow.h"

#include <array>
#include <string_view>
#include <utility>

namespace mbflow::names {

template <class E, std::size_t n>
using Table = std::array<std::pair<std::string_view, E>, n>;

inline constexpr Table<OnError, 3> on_error = {
    {{"fail", OnError::fail}, {"continue", OnError::continue_}, {"port", OnError::port}}};
inline constexpr Table<OnUnknown, 3> on_unknown = {
    {{"retry", OnUnknown::retry}, {"hold", OnUnknown::hold}, {"fail", OnUnknown::fail}}};
inline constexpr Table<RunMode, 2> run = {{{"each", RunMode::each}, {"once", RunMode::once}}};
inline constexpr Table<Durability, 3> durability = {
    {{"full", Durability::full}, {"relaxed", Durability::relaxed}, {"none", Durability::none}}};

template <class E, std::size_t n>
[[nodiscard]] constexpr std::string_view of(const Table<E, n>& table, E value) {
  for (const auto& [name, one] : table) {
    if (one == value) return name;
  }
  return {};
}

}  // namespace mbflow::names
