// A body of either kind of form is refused with a message or becomes an object that can be written.
#include "trigger/form_body.h"

#include "base/utf8.h"

#include <mbflow/json.h>

#include <cstdint>
#include <cstdlib>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto form = mbflow::trigger::parse_form(text);
  require(form.is_object() && mbflow::utf8_valid(mbflow::write_json(form)));
  // The first line is the content type.
  const auto line = std::min(text.find('\n'), text.size());
  const auto parts = mbflow::trigger::parse_multipart(text.substr(0, line), text.substr(std::min(line + 1, text.size())));
  if (!parts) require(parts.error().code == "webhook.body" && mbflow::utf8_valid(parts.error().message));
  if (parts) require(parts->is_object() && mbflow::utf8_valid(mbflow::write_json(*parts)));
  return 0;
}
