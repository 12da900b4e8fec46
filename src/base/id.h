// Identifiers. Id is a UUID; ids made by MBFlow are version 7 (RFC 9562 §5.7): they sort by time of creation.
#pragma once

#include "base/env.h"

#include <array>
#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mbflow {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  [[nodiscard]] static Uuid v7(Env& env);  // monotonic within one process
  // Of that millisecond, and otherwise told by the name alone: the same for the same.
  [[nodiscard]] static Uuid v7_named(Timestamp at, std::string_view name);
  [[nodiscard]] static Uuid v5(const Uuid& space, std::string_view name);
  [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);  // the canonical 36 characters, any case
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] std::string_view raw() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  [[nodiscard]] bool is_nil() const { return *this == Uuid{}; }
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

// One type per thing named, so that an execution's id cannot be passed for a workflow's.
template <class Tag>
struct Id : Uuid {
  Id() = default;
  explicit Id(const Uuid& uuid) : Uuid(uuid) {}
  [[nodiscard]] static Id make(Env& env) { return Id(Uuid::v7(env)); }
  [[nodiscard]] static std::optional<Id> parse(std::string_view text) {
    auto uuid = Uuid::parse(text);
    return uuid ? std::optional<Id>(Id(*uuid)) : std::nullopt;
  }
  friend auto operator<=>(const Id&, const Id&) = default;
};

using TenantId = Id<struct TenantTag>;
using WorkflowId = Id<struct WorkflowTag>;
using ExecutionId = Id<struct ExecutionTag>;
using KeyId = Id<struct KeyTag>;
using EntryId = Id<struct EntryTag>;
using UserId = Id<struct UserTag>;

struct IdHash {
  std::size_t operator()(const Uuid& id) const noexcept;
};

}  // namespace mbflow
