#!/usr/bin/env python3
"""The built web pages (web/dist) as one binary file and a table over it: gen_web.py DIST OUT_DIR. An absent DIST gives an empty table."""

import gzip
import hashlib
import sys
from pathlib import Path

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
         ".json": "application/json", ".woff2": "font/woff2", ".png": "image/png", ".txt": "text/plain; charset=utf-8"}
WORTH_PACKING = (".html", ".js", ".css", ".svg", ".json", ".txt")

HEAD = """// Made by tools/gen_web.py from web/dist.
#include "server/web.h"

asm(R"(
.section .rodata
.global mbflow_web_begin
.balign 16
mbflow_web_begin:
.incbin "{blob}"
.byte 0
.section .note.GNU-stack,"",@progbits
.text
)");
extern "C" const char mbflow_web_begin[];

namespace mbflow::server {{
namespace {{
[[maybe_unused]] std::string_view part(std::size_t at, std::size_t size) {{ return {{mbflow_web_begin + at, size}}; }}
}}  // namespace

std::span<const WebFile> web_files() {{
"""


def rows(dist, blob):
    for file in sorted(path for path in dist.rglob("*") if path.is_file() and not path.name.startswith(".") and ".vite" not in path.parts):
        if file.suffix not in TYPES:
            sys.exit(f"gen_web: {file}: the type of {file.suffix} files is not known; add it to TYPES")
        plain = file.read_bytes()
        packed = gzip.compress(plain, 9, mtime=0) if file.suffix in WORTH_PACKING else b""
        if len(packed) >= len(plain):
            packed = b""
        places = []
        for content in (plain, packed):
            places.append((len(blob), len(content)))
            blob += content
        etag = hashlib.sha256(plain).hexdigest()[:16]
        path = "/" + file.relative_to(dist).as_posix()
        parts = ", ".join(f"part({at}, {size})" for at, size in places)
        yield f'      {{"{path}", "{TYPES[file.suffix]}", "{etag}", {parts}}},\n'


def main():
    dist, out = Path(sys.argv[1]), Path(sys.argv[2])
    blob = bytearray()
    table = list(rows(dist, blob)) if (dist / "index.html").exists() else []
    (out / "web.bin").write_bytes(blob)
    text = HEAD.format(blob=out / "web.bin")
    if table:
        text += "  static const WebFile files[] = {\n" + "".join(table) + "  };\n  return files;\n"
    else:
        text += "  return {};\n"
    (out / "web_files.gen.cpp").write_text(text + "}\n\n}  // namespace mbflow::server\n")


if __name__ == "__main__":
    main()
