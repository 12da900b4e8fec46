// AWS's own examples (aws-sig-v4-test-suite).
#include "vault/sigv4.h"

#include <gtest/gtest.h>

namespace mbflow::vault {
namespace {

constexpr AwsKeys keys{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", "us-east-1", "service"};

std::string authorization(HttpRequest& request) {
  const auto signed_well = sign_aws(request, keys, *parse_timestamp("2015-08-30T12:36:00Z"));
  EXPECT_TRUE(signed_well);
  const std::string* header = find_header(request.headers, "authorization");
  return header == nullptr ? "" : *header;
}

std::string signature(std::string method, std::string path, std::string body = "", Headers headers = {}) {
  HttpRequest request;
  request.method = std::move(method);
  request.url = "https://example.amazonaws.com" + path;
  request.body = std::move(body);
  request.headers = std::move(headers);
  const std::string header = authorization(request);
  return header.substr(header.rfind('=') + 1);
}

TEST(Sigv4, the_whole_header_is_as_published) {
  HttpRequest request;
  request.url = "https://example.amazonaws.com/";
  EXPECT_EQ(authorization(request),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_EQ(*find_header(request.headers, "x-amz-date"), "20150830T123600Z");
}

TEST(Sigv4, methods_queries_paths_and_bodies_are_signed_as_published) {
  EXPECT_EQ(signature("POST", "/"), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
  EXPECT_EQ(signature("GET", "/?Param2=value2&Param1=value1"), "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
  EXPECT_EQ(signature("GET", "/\u1234"), "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
  EXPECT_EQ(signature("POST", "/", "Param1=value1", {{"Content-Type", "application/x-www-form-urlencoded"}}),
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

TEST(Sigv4, a_second_signing_takes_the_place_of_the_first) {
  HttpRequest request;
  request.url = "https://example.amazonaws.com/";
  const std::string first = authorization(request);
  EXPECT_EQ(authorization(request), first);
  EXPECT_EQ(request.headers.size(), 2U);
}

TEST(Sigv4, a_form_with_files_is_refused) {
  HttpRequest request;
  request.url = "https://example.amazonaws.com/";
  request.parts.emplace_back();
  EXPECT_EQ(sign_aws(request, keys, {}).error().code, "credential.sign");
}

}  // namespace
}  // namespace mbflow::vault
