#!/usr/bin/env python3
"""The error catalogue: gen_errors.py [--cpp FILE] [--docs | --check]

Every folder that raises errors says in its errors.json what each code means and what to do; node types say it in node.json.
--cpp writes the table behind `mbflow explain`, --docs writes docs/reference/errors.md, --check (a test) fails when the page
is not up to date, when a code raised in the sources has no entry, when an entry is raised nowhere, or one is there twice.
"""
import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/errors.md"
CODE = re.compile(r'"([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)"')
RAISED = re.compile(r'\bfail\(\s*Kind::\w+,\s*"([a-z0-9_.]+)"')


def entries():
    for path in sorted(ROOT.glob("src/**/errors.json")):
        for code, (meaning, cure) in json.loads(path.read_text()).items():
            yield code, meaning, cure, path.relative_to(ROOT)
    shared = ROOT / "nodes/errors.json"
    for error in json.loads(shared.read_text()):
        yield error["code"], "Raised by every node type.", error["cure"], shared.relative_to(ROOT)
    for path in sorted(ROOT.glob("nodes/*/node.json")):
        definition = json.loads(path.read_text())
        for error in definition.get("errors", []):
            yield error["code"], f"Raised by the node type `{definition['type']}`.", error["cure"], path.relative_to(ROOT)


def catalogue():
    """Codes that several node types list (an HTTP error, say) stand once: the first entry, src/ before nodes/."""
    found, faults = {}, []
    for code, meaning, cure, path in entries():
        if code in found and path.parts[0] == "src":
            faults.append(f"{path}: {code} is already in {found[code][2]}")
        found.setdefault(code, (meaning, cure, path))
    return dict(sorted(found.items())), faults


def sources():
    for folder in ("src", "nodes"):
        for path in sorted((ROOT / folder).rglob("*.cpp")):
            if not re.search(r"_(test|fuzz|bench)\.cpp$", path.name) and not {"testing", "suite"} & set(path.parts):
                yield path, path.read_text()


def check(found):
    faults, mentioned = [], set()
    for path, text in sources():
        mentioned |= set(CODE.findall(text))
        for code in sorted(set(RAISED.findall(text)) - set(found)):
            faults.append(f"{path.relative_to(ROOT)}: {code} has no entry; add it to the folder's errors.json")
    for header in ROOT.glob("src/**/*.h"):
        mentioned |= set(CODE.findall(header.read_text()))
    for definition in ROOT.glob("nodes/*/node.json"):  # a default of the fail node
        mentioned |= set(re.findall(r'"default": "([a-z0-9_.]+)"', definition.read_text()))
    faults += [f"{path}: {code} is raised nowhere" for code, (_, _, path) in found.items() if code not in mentioned]
    if not PAGE.exists() or PAGE.read_text() != page(found):
        faults.append("docs/reference/errors.md is not up to date; run tools/gen_errors.py --docs")
    return faults


def page(found):
    lines = ["# Errors", "", "Every error names its code; `mbflow explain CODE` shows the same. Made by `tools/gen_errors.py`.", ""]
    owner = None
    for code, (meaning, cure, _) in found.items():
        if code.split(".")[0] != owner:
            owner = code.split(".")[0]
            lines += [f"## {owner}", "", "| code | meaning | what to do |", "| --- | --- | --- |"]
        lines.append(f"| `{code}` | {meaning} | {cure} |")
        following = [other for other in found if other > code]
        if not following or following[0].split(".")[0] != owner:
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def cpp(found):
    rows = "\n".join(f"    {{{json.dumps(code)}, {json.dumps(m, ensure_ascii=False)}, {json.dumps(c, ensure_ascii=False)}}},"
                     for code, (m, c, _) in found.items())
    return ('#include "app/error_catalogue.h"\n\nnamespace mbflow::app {\nnamespace {\n\nconstexpr ErrorAdvice entries[] = {\n'
            f"{rows}\n}};\n\n}}  // namespace\n\nstd::span<const ErrorAdvice> error_catalogue() {{ return entries; }}\n\n"
            "}  // namespace mbflow::app\n")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--cpp", type=Path)
    arguments.add_argument("--docs", action="store_true")
    arguments.add_argument("--check", action="store_true")
    options = arguments.parse_args()
    found, faults = catalogue()
    if options.cpp:
        options.cpp.parent.mkdir(parents=True, exist_ok=True)
        options.cpp.write_text(cpp(found))
    if options.docs:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page(found))
    if options.check:
        faults += check(found)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
