// Redirects over the wire: two servers, so two origins.
#include "net/testing/caller.h"

namespace mbflow::net::testing {
namespace {

Response redirect(std::string location, int status) {
  auto response = text("", status);
  response.headers.emplace_back("location", std::move(location));
  return response;
}

std::string seen(const Request& request) {
  return request.method + " " + request.path + " " + std::string(request.header("authorization")) + " " +
         std::string(request.header("accept")) + " " + request.body;
}

// /to/<status>/<target…> sends on to the target; anything else says what it saw.
Task<Response> hop(Request request, std::string other) {
  if (!request.path.starts_with("/to/")) co_return text(seen(request));
  int status = std::atoi(request.path.c_str() + 4);
  auto target = request.path.substr(7);
  if (target.starts_with("/other")) target = other + target.substr(6);
  co_return redirect(target, status);
}

struct Scene {
  std::string there_url, here_url;
  Place there{[this](Request request) { return hop(std::move(request), here_url); }};
  Place here{[this](Request request) { return hop(std::move(request), there_url); }};
  Caller caller{here.loops, allow("127.0.0.1")};
  Scene() {
    there_url = there.url("");
    here_url = here.url("");
  }

  Result<HttpResponse> call(std::string path, std::string method = "GET", int max_redirects = 5) {
    HttpRequest request;
    request.url = here.url(path);
    request.method = method;
    request.headers = {{"Authorization", "secret"}, {"Accept", "this"}};
    if (method != "GET") request.body = "body";
    request.max_redirects = max_redirects;
    return caller.call(std::move(request));
  }
};

TEST(ClientRedirect, KeepsCredentialsAtHomeOnly) {
  Scene scene;
  auto same = scene.call("/to/302/x");
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(same->body, "GET /x secret this ");
  EXPECT_EQ(same->url, scene.here.url("/x"));
  auto away = scene.call("/to/302/other/x");
  EXPECT_EQ(away->body, "GET /x  this ");
  EXPECT_EQ(away->url, scene.there.url("/x"));
  // There and back again: what was left behind stays there.
  auto back = scene.call("/to/302/other/to/302/other/x");
  EXPECT_EQ(back->body, "GET /x  this ");
  EXPECT_EQ(back->url, scene.here.url("/x"));
}

TEST(ClientRedirect, ChangesTheMethodByTheRules) {
  Scene scene;
  EXPECT_EQ(scene.call("/to/302/x", "POST")->body, "GET /x secret this ");
  EXPECT_EQ(scene.call("/to/303/x", "PUT")->body, "GET /x secret this ");
  EXPECT_EQ(scene.call("/to/307/x", "POST")->body, "POST /x secret this body");
  EXPECT_EQ(scene.call("/to/308/other/x", "PUT")->body, "PUT /x  this body");
}

TEST(ClientRedirect, CountsHops) {
  Scene scene;
  std::string path;
  for (int number = 0; number < 5; ++number) path += "/to/302";
  EXPECT_EQ(scene.call(path + "/x")->body, "GET /x secret this ");
  auto far = scene.call("/to/302" + path + "/x");
  ASSERT_FALSE(far);
  EXPECT_EQ(far.error().code, "http.redirects");
  EXPECT_EQ(scene.call("/to/302/x", "GET", 0)->status, 302) << "0: the redirect is the answer";
  EXPECT_EQ(scene.call("/to/302/x", "GET", 1)->status, 200);
}

TEST(ClientRedirect, HasOneDeadlineForAllHops) {
  Place* here = nullptr;
  Place place([&](Request asked) {
    return [](Loop& loop, Request request) -> Task<Response> {
      (void)co_await sleep_for(loop, std::chrono::milliseconds(60), request.gone);
      co_return redirect("/again", 302);
    }(*here->loops.current(), std::move(asked));
  });
  here = &place;
  Caller caller(place.loops, allow("127.0.0.1"));
  HttpRequest request;
  request.url = place.url();
  request.timeout = std::chrono::milliseconds(200);
  request.max_redirects = 1000;
  EXPECT_EQ(code_of(caller.call(request)), "http.timeout");
}

}  // namespace
}  // namespace mbflow::net::testing
