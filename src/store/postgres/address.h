// Where the server is, from a URL. The password goes to the server and nowhere else: not into an error, not into a log.
#pragma once

#include <mbflow/result.h>

#include <string>
#include <string_view>

namespace mbflow::store::postgres {

class Address {
 public:
  // postgres://user:password@host:port/database?option=value, as libpq reads it. Error store.address.
  [[nodiscard]] static Result<Address> parse(std::string url);
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] const std::string& name() const { return name_; }  // host and database, to be shown
  [[nodiscard]] std::string without_secrets(std::string text) const;

 private:
  std::string url_;
  std::string name_;
  std::string password_;
};

}  // namespace mbflow::store::postgres
