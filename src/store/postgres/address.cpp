#include "store/postgres/address.h"

#include <libpq-fe.h>

#include <memory>

namespace mbflow::store::postgres {

namespace {

// libpq's own words would repeat what it could not read, and that may be a part of the password.
Error unreadable(std::string_view why) {
  return fail(Kind::invalid, "store.address",
              "the database URL cannot be read: " + std::string(why) +
                  "; it is written postgres://user:password@host:port/database");
}

// A password with an unescaped "@" or "/" would otherwise be taken for a host or a port, and shown as such.
Result<void> check_escapes(std::string_view rest) {
  rest = rest.substr(0, rest.find_first_of("?#"));
  const auto path = rest.find('/');
  const auto authority = rest.substr(0, path);
  const auto first = authority.find('@');
  const bool twice = first != std::string_view::npos && authority.find('@', first + 1) != std::string_view::npos;
  const bool behind = path != std::string_view::npos && rest.substr(path).contains('@');
  if (!twice && !behind) return {};
  return unreadable("write @ in a user name or password as %40, and / as %2F");
}

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

}  // namespace

Result<Address> Address::parse(std::string url) {
  const auto scheme = url.find("://");
  const auto name = std::string_view(url).substr(0, scheme == std::string::npos ? 0 : scheme);
  if (name != "postgres" && name != "postgresql") return unreadable("it does not begin with postgres://");
  MBF_CHECK(check_escapes(std::string_view(url).substr(scheme + 3)));
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(url.c_str(), nullptr));
  if (!options) return unreadable("its form or one of its options is unknown");
  Address address;
  std::string host;
  std::string database;
  for (const auto* option = options.get(); option->keyword; ++option) {
    if (!option->val) continue;
    const std::string_view keyword(option->keyword);
    if (keyword == "password") address.password_ = option->val;
    if (keyword == "host") host = option->val;
    if (keyword == "dbname") database = option->val;
  }
  address.name_ = (host.empty() ? "the local server" : host) + (database.empty() ? "" : "/" + database);
  address.url_ = std::move(url);
  return address;
}

std::string Address::without_secrets(std::string text) const {
  if (password_.empty()) return text;
  for (auto at = text.find(password_); at != std::string::npos; at = text.find(password_, at + 3))
    text.replace(at, password_.size(), "***");
  return text;
}

}  // namespace mbflow::store::postgres
