// AWS Signature Version 4: the Authorization header of one request. Pure function.
#pragma once

#include "base/time.h"

#include <mbflow/http.h>

#include <string_view>

namespace mbflow::vault {

struct AwsKeys {
  std::string_view access_key_id, secret_access_key, session_token, region, service;
};

// Adds X-Amz-Date, X-Amz-Security-Token, for S3 X-Amz-Content-Sha256, and Authorization. Signs the host and every header that
// says what the request means. Error credential.sign (invalid): a multipart body, which is written later.
[[nodiscard]] Result<void> sign_aws(HttpRequest& request, const AwsKeys& keys, Timestamp now);

}  // namespace mbflow::vault
