#!/usr/bin/env python3
"""Turns api/access.json, the reviewed list of who may call what, into a header that the route table is held against when it is compiled.

gen_access.py ACCESS_JSON HEADER
"""
import json
import sys

PERMISSIONS = {"anyone": "open", "known": "self", "viewer": "read", "operator": "run", "editor": "write", "admin": "own", "house": "house"}


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        operations = json.load(file)["operations"]
    unknown = {level for level in operations.values() if level not in PERMISSIONS}
    if unknown:
        sys.exit(f"{source}: no level is called {', '.join(sorted(unknown))}; there are {', '.join(PERMISSIONS)}")
    rows = "\n".join(f'    {{"{name}", Permission::{PERMISSIONS[level]}}},' for name, level in operations.items())
    with open(target, "w", encoding="utf-8") as file:
        file.write(f"""// Made from api/access.json by tools/gen_access.py.
#pragma once

#include "server/route.h"

namespace mbflow::server {{

struct Reviewed {{
  std::string_view operation;
  Permission permission;
}};

inline constexpr Reviewed reviewed[] = {{
{rows}
}};

}}  // namespace mbflow::server
""")


main()
