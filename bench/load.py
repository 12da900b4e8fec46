"""wrk, nginx and the programs under load, as processes: each is ended by its own pid."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from support.program import free_port, wait_for

BODY = json.dumps({"customer": "c-1042", "price": 125, "quantity": 3, "note": "x" * 960})

# A server with room to work, and nothing left out of what keeps data.
POSTGRES = ("shared_buffers=256MB", "max_wal_size=2GB", "checkpoint_timeout=15min")

LUA = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = %s
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('RESULT {"requests": %%d, "seconds": %%f, "p50_us": %%d, "p99_us": %%d, "bad": %%d}\\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
"""

NGINX = """
daemon off; worker_processes %d; pid %s/nginx.pid; error_log %s/error.log; master_process on;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path %s/body; proxy_temp_path %s/proxy; fastcgi_temp_path %s/f; uwsgi_temp_path %s/u; scgi_temp_path %s/s;
  keepalive_requests 1000000000;
  server { listen 127.0.0.1:%d reuseport; location / { return 200 "%s"; default_type text/plain; } }
}
"""


def tool(name, package):
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    if not path:
        sys.exit(f"{name} is needed: apt-get install {package}")
    return path


class Background:
    """A process that answers HTTP on a port; a context manager."""

    def __init__(self, words, port):
        self.port = port
        self.words = words

    def __enter__(self):
        self.child = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._answers, f"an answer of {self.words[0]}")
        return self

    def _answers(self):
        if self.child.poll() is not None:
            raise AssertionError(f"{self.words[0]} ended by itself with code {self.child.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/")
            return connection.getresponse().status < 500
        except OSError:
            return False

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGTERM)
        self.child.wait(20)


def nginx(folder, workers):
    port = free_port()
    config = Path(folder) / "nginx.conf"
    config.write_text(NGINX % (workers, folder, folder, folder, folder, folder, folder, folder, port, "x" * 1024))
    return Background([tool("nginx", "nginx-light"), "-p", str(folder), "-c", str(config), "-e", f"{folder}/error.log"], port)


def bare(program, loops):
    port = free_port()
    return Background([str(program), str(port), str(loops), "3600"], port)


class Wrk:
    def __init__(self, folder, seconds):
        self.path = tool("wrk", "wrk")
        self.seconds = seconds
        self.script = Path(folder) / "post.lua"
        self.script.write_text(LUA % json.dumps(BODY))

    def measure(self, url, connections, seconds=None):
        """{"rate", "p50_us", "p99_us", "bad", "requests"}"""
        words = [self.path, "-t", "1", "-c", str(connections), "-d", f"{seconds or self.seconds}s", "-s", str(self.script), url]
        done = subprocess.run(words, capture_output=True, text=True, timeout=300)
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        if done.returncode != 0 or not lines:
            raise RuntimeError(f"wrk failed on {url}: {done.stdout}{done.stderr}")
        result = json.loads(lines[0][len("RESULT "):])
        result["rate"] = result["requests"] / result["seconds"]
        return result


def open_loop(program, port, streams, *words):
    """What bench/open_loop saw: `streams` gives each path its rate."""
    named = [word for path, rate in streams.items() for word in ("--stream", f"{path}={rate:g}")]
    done = subprocess.run([str(program), str(port), *named, *map(str, words)], capture_output=True, text=True, timeout=3600)
    if done.returncode != 0:
        raise RuntimeError(f"{program}: exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def metric(client, name):
    """Its value, added up over its labels unless they are part of the name."""
    return sum(float(line.split()[-1]) for line in client.get("/metrics").text.splitlines() if line.startswith(name))


def resident_mb(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def stripped_mb(program, folder):
    copy = Path(folder) / "stripped"
    shutil.copy(program, copy)
    subprocess.run([tool("strip", "binutils"), str(copy)], check=True)
    return copy.stat().st_size / 1e6


def folder_bytes(folder):
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())


def seconds_to_answer(words, port):
    """From the start of the process to its first healthy answer."""
    began = time.monotonic()
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.monotonic() - began < 30:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return time.monotonic() - began
            except OSError:
                time.sleep(0.0005)
        raise AssertionError("no healthy answer within 30 s")
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(30)
