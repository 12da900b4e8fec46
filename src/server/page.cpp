#include "server/page.h"

#include "base/hash.h"

namespace mbflow::server {
namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; --ink: #1c2430; --paper: #f7f8fa; --line: #d5dae2; --accent: #1f5fbf; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --paper: #12161d; --line: #2c3442; --accent: #7fb0ff; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 44rem; margin: 10vh auto; padding: 0 1.5rem; }
h1 { font-size: 2rem; margin: 0 0 .25rem; }
p.version { margin: 0 0 2rem; opacity: .7; }
pre { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; overflow-x: auto; }
a { color: var(--accent); }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid var(--line); padding: .5rem .75rem .5rem 0; vertical-align: top; }
)";

constexpr std::string_view body = R"(
<p>A workflow server is running here: it takes HTTP calls and schedules, runs the steps you drew, and keeps a durable history
of every run.</p>
<h2>First steps</h2>
<pre>mbflow key create --data mbflow-data --role owner --name me
curl -H "Authorization: Bearer KEY" http://127.0.0.1:8080/api/v1/workflows</pre>
<table>
<tr><td><a href="/healthz">/healthz</a></td><td>alive</td></tr>
<tr><td><a href="/readyz">/readyz</a></td><td>ready to start executions</td></tr>
<tr><td>/metrics</td><td>Prometheus metrics (with a key)</td></tr>
<tr><td>/api/v1/…</td><td>the REST API (with a key): workflows, executions, node types</td></tr>
<tr><td>/webhooks/…</td><td>the webhooks of published workflows</td></tr>
</table>
<p>The guides are in the <code>docs</code> folder of the project: <code>docs/api.md</code>, <code>docs/cli.md</code>,
<code>docs/workflow-format.md</code>, <code>docs/expressions.md</code>. <code>mbflow help</code> lists the commands.</p>
)";

}  // namespace

std::string start_page(std::string_view version) {
  std::string page = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>MBFlow</title>";
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>";
  page += style;
  page += "</style></head><body><main><h1>MBFlow</h1><p class=\"version\">version ";
  page += version;
  page += "</p>";
  page += body;
  page += "</main></body></html>\n";
  return page;
}

std::string start_page_style_hash() { return base64_encode(sha256(style)); }

}  // namespace mbflow::server
