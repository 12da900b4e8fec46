// Credentials as a node sees them: text that is never printed, and the fields of one credential by name.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow {

// Text that must not be seen: it has no way into a stream, a log or JSON but reveal(), and its memory is zeroed when it goes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : bytes_(text.begin(), text.end()) {}
  Secret(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  // For the one call that needs it; keep no copy.
  [[nodiscard]] std::string_view reveal() const { return {bytes_.data(), bytes_.size()}; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  // In constant time for texts of one length.
  [[nodiscard]] bool equals(std::string_view other) const;

 private:
  void wipe();
  std::vector<char> bytes_;  // not std::string: a short one would be copied where nobody wipes it
};

// Overwrites memory that held a secret; no optimiser takes it out.
void wipe(std::string& text);

// One credential, opened: what may be shown and what may not, by field name.
struct Credential {
  std::string type;  // "database", "smtp", …: see GET /api/v1/credential-types
  std::map<std::string, std::string, std::less<>> fields;
  std::map<std::string, Secret, std::less<>> secrets;

  [[nodiscard]] std::string_view field(std::string_view name) const;   // "" when absent
  [[nodiscard]] std::string_view secret(std::string_view name) const;  // "" when absent
};

}  // namespace mbflow
