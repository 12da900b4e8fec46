// Addresses as the http node needs them: where one leads, what a relative one means, how a query is added. Pure
// functions.
#pragma once

#include <mbflow/result.h>
#include <mbflow/value.h>

#include <string>
#include <string_view>

namespace mbflow::nodes::http {

struct Url {
  std::string scheme;     // "http" or "https"
  std::string authority;  // host and port, user info too, as written
  std::string path;       // from the first "/", or empty
  std::string query;      // with its "?", or empty

  // Error: http.url. A fragment is dropped; what a URL may not hold is percent-encoded.
  [[nodiscard]] static Result<Url> parse(std::string_view text);
  // What a reference found in an answer from here means (RFC 3986 §5.2). Error: http.url
  [[nodiscard]] Result<Url> resolve(std::string_view reference) const;

  [[nodiscard]] std::string text() const { return scheme + "://" + authority + path + query; }
  // For messages: without user info and query, where secrets live.
  [[nodiscard]] std::string shown() const;
  [[nodiscard]] bool same_origin(const Url& other) const;
  // One more parameter; the first of the same name is replaced when `replace` says so.
  void add_query(std::string_view name, std::string_view value);
  void set_query(std::string_view name, std::string_view value);
};

// Everything but letters, digits and - . _ ~ as %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);
// name=value&… of an object: a list repeats its name, null is left out, an object becomes its JSON.
[[nodiscard]] std::string form_encode(const Value& object);
// A scalar as its text, anything else as its JSON.
[[nodiscard]] std::string plain_text(const Value& value);

}  // namespace mbflow::nodes::http
