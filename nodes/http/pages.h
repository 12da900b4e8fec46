// Where the next page is. One Pages for one run of the node.
#pragma once

#include "http.gen.h"
#include "nodes/path.h"
#include "url.h"

#include <mbflow/http.h>

#include <optional>

namespace mbflow::nodes::http {

class Pages {
 public:
  // Error: path.syntax
  [[nodiscard]] static Result<Pages> make(const Config& config);
  [[nodiscard]] Url first(Url url) const;
  // Nothing: that was the last. `items` is what the items of this page are made of. Error: http.url
  [[nodiscard]] Result<std::optional<Url>> after(const Url& url, const HttpResponse& response, const Value& body,
                                                 const Value& items);

 private:
  using Type = Config::Pagination::Type;
  [[nodiscard]] std::string parameter() const;
  [[nodiscard]] std::optional<Url> counted(const Url& url, const Value& items);

  Config::Pagination config_;
  Path next_;
  std::int64_t position_ = 0;
};

}  // namespace mbflow::nodes::http
