#include <mbflow/credential.h>

#include "base/hash.h"

#include <string.h>

#include <utility>

namespace mbflow {

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) *this = Secret(other);
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  bytes_ = std::move(other.bytes_);
  return *this;
}

void Secret::wipe() {
  if (!bytes_.empty()) ::explicit_bzero(bytes_.data(), bytes_.size());
}

bool Secret::equals(std::string_view other) const { return equal_constant_time(reveal(), other); }

void wipe(std::string& text) {
  if (!text.empty()) ::explicit_bzero(text.data(), text.size());
  text.clear();
}

std::string_view Credential::field(std::string_view name) const {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view Credential::secret(std::string_view name) const {
  const auto found = secrets.find(name);
  return found == secrets.end() ? std::string_view() : found->second.reveal();
}

}  // namespace mbflow
