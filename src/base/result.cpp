#include <mbflow/result.h>

namespace mbflow {

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::invalid:
      return "invalid";
    case Kind::denied:
      return "denied";
    case Kind::not_found:
      return "not_found";
    case Kind::conflict:
      return "conflict";
    case Kind::limited:
      return "limited";
    case Kind::timeout:
      return "timeout";
    case Kind::unavailable:
      return "unavailable";
    case Kind::internal:
      break;
  }
  return "internal";
}

int http_status(Kind kind) {
  switch (kind) {
    case Kind::invalid:
      return 400;
    case Kind::denied:
      return 403;
    case Kind::not_found:
      return 404;
    case Kind::conflict:
      return 409;
    case Kind::limited:
      return 429;
    case Kind::timeout:
      return 504;
    case Kind::unavailable:
      return 503;
    case Kind::internal:
      break;
  }
  return 500;
}

}  // namespace mbflow
