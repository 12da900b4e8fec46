#!/usr/bin/env python3
"""Checks what a formatter cannot: sizes, the g++ 12 coroutine rule, leftovers, folder READMEs. Run from the top of the tree."""
import os
import re
import subprocess
import sys

from check_layers import is_test

# --- the limits ---------------------------------------------------------------------------------------------------
FILE_LINES = {".cpp": 400, ".h": 400, ".py": 400, ".ts": 400, ".vue": 250, ".sh": 400, ".cmake": 400}
FUNCTION_LINES = 40  # from the line of its opening brace to that of its closing one; tests are exempt: they are lists
README_LINES = 40
README_FREE = re.compile(r"^nodes/[^/]+/README\.md$")  # a node's README is its documentation
README_PARENTS = ("src", "nodes")  # every folder below holds a README.md, those of NO_README aside
NO_README = re.compile(r"/(cases|testing|testdata|suite|routes|bare)(/|$)")
GENERATED = re.compile(r"\.gen\.|(^|/)schema\.d\.ts$|(^|/)package-lock\.json$|(^|/)(golden|testdata|fuzz)/")
# Written in two halves, so that this file does not find itself.
LEFTOVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(home/(?!user\b)\w+|Users/\w+|work)/")
TEXT = (".cpp", ".h", ".py", ".ts", ".vue", ".sh", ".cmake", ".txt", ".md", ".yaml", ".yml", ".json", ".html", ".css", "")
# ------------------------------------------------------------------------------------------------------------------

CODE_PART = re.compile(
    r"""R"(\w*)\(.*?\)\1"        # raw string
      | "(?:\\.|[^"\\\n])*"     # string
      | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'  # character, not a digit separator
      | //[^\n]* | /\*.*?\*/    # comments
    """,
    re.S | re.X,
)


def bare_code(text):
    """The code without comments and with empty strings; lines keep their numbers."""
    return CODE_PART.sub(lambda found: ('""' if found[0][0] in "\"R'" else "") + "\n" * found[0].count("\n"), text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def opens_function(before):
    """Whether the brace after this text begins a function's body: `…) const noexcept -> T {`, `…) : member_(x) {`."""
    statement = re.split(r"[;{}]|\b(?:public|private|protected)\s*:(?!:)", before)[-1]
    if re.match(r"\s*(template\s*<.*>\s*)?(namespace|class|struct|union|enum|extern\s*\"\")\b", statement, re.S):
        return False
    return bool(re.search(r"\)\s*(const|noexcept|override|final|mutable|&&?|->[^={]*|:[^:].*|\s)*$", statement, re.S))


def long_functions(code):
    depth, start, begin = 0, None, 0
    for found in re.finditer(r"[{}]", code):
        if found[0] == "{":
            if start is None and opens_function(code[begin:found.start()][-2000:]):
                start, begin_depth = found.start(), depth
            depth += 1
            continue
        depth -= 1
        if start is not None and depth == begin_depth:
            first, last = line_of(code, start), line_of(code, found.start())
            if last - first + 1 > FUNCTION_LINES:
                yield first, f"a function of {last - first + 1} lines; {FUNCTION_LINES} are allowed: give its parts names"
            start = None
        begin = found.end() if start is None else begin


LAMBDA = re.compile(r"(?<![\w\])])\[([^\]]*)\][^{;]*?(?=\{)")


def closing(code, position):
    """Where the bracket at this place ends, or the end of the code."""
    depth = 0
    for index in range(position, len(code)):
        depth += (code[index] in "([{") - (code[index] in ")]}")
        if depth == 0:
            return index + 1
    return len(code)


def awaited(code, position):
    """The expression after co_await: to the end of its statement, or of the parenthesis it stands in."""
    index = position
    while index < len(code) and code[index] not in ";)]}":
        index = closing(code, index) if code[index] in "([{" else index + 1
    return code[position:index]


def without_lambdas(expression):
    while found := LAMBDA.search(expression):
        expression = expression[: found.start()] + expression[closing(expression, found.end()) :]
    return expression


def unsafe_awaits(code):
    """g++ 12 destroys twice what a braced list or a capturing lambda makes inside a statement that awaits, and what an operand of
    ?: awaits, runs the body of a do loop after its condition when that awaits, and an `else if` that awaits without its operand."""
    for found in re.finditer(r"\}\s*while \([^;]*\bco_await\b[^;]*\);", code):
        yield line_of(code, found.start()), "co_await in the condition of a do loop is misplaced by g++ 12: write while (true) and break"
    for found in re.finditer(r"\belse if (?:constexpr )?\([^;{}]*\bco_await\b", code):
        yield line_of(code, found.start()), "what an else if awaits is used before it is made by g++ 12: await it on a line before"
    for found in re.finditer(r"\?[^;{}]*\bco_await\b", code):
        yield line_of(code, found.start()), "what an operand of ?: awaits is destroyed twice by g++ 12: write if"
    for found in re.finditer(r"\bco_await\b", code):
        expression = awaited(code, found.end())
        captures = any(part[1].strip() for part in LAMBDA.finditer(expression))
        # std:: types have constructors, which are sound; std::array is an aggregate.
        lists = re.sub(r"\bstd::(?!array)[\w:<>]+\{[^{}]*\}", "", without_lambdas(expression))
        if captures or "{" in lists:
            what = "a capturing lambda" if captures else "a braced list"
            yield line_of(code, found.start()), f"{what} inside co_await is destroyed twice by g++ 12: give it a name on a line before"


def ended_ranges(code):
    """Before C++23 a range-for keeps only the last of its range's temporaries: `for (x : f()->list)` and `for (x : *f())` walk what
    has ended."""
    for found in re.finditer(r"\bfor \(", code):
        head = code[found.end() : closing(code, found.end() - 1) - 1]
        if re.search(r"[^:]:[^:].*\w\(.*\)->\w+$|[^:]: \*.*\w\(.*\)$", head, re.S):
            yield line_of(code, found.start()), "this range ends before it is walked: give what was called a name on a line before"


def check_text(path, text):
    suffix = os.path.splitext(path)[1]
    lines = text.count("\n") + (not text.endswith("\n") and text != "")
    limit = FILE_LINES.get(suffix)
    if limit and lines > limit:
        yield 1, f"{lines} lines; {limit} are allowed: split it by subject"
    if path.endswith("README.md") and path.split("/")[0] in README_PARENTS and not README_FREE.match(path) and lines > README_LINES:
        yield 1, f"{lines} lines; a folder's README has {README_LINES} at most"
    for number, line in enumerate(text.split("\n"), 1):
        if suffix != ".md" and LEFTOVER.search(line):
            yield number, "a leftover: do it, or write an issue"
        if MACHINE_PATH.search(line):
            yield number, "a path of one machine"
    if suffix in (".cpp", ".h"):
        code = bare_code(text)
        yield from unsafe_awaits(code)
        yield from ended_ranges(code)
        if not is_test(path):
            yield from long_functions(code)


def folders_without_readme(paths):
    folders = {os.path.dirname(path) for path in paths if path.startswith(tuple(f"{top}/" for top in README_PARENTS))}
    for folder in sorted(folders):
        if "/" in folder and not NO_README.search(folder) and f"{folder}/README.md" not in paths:
            yield f"{folder}: no README.md (what it is, where to begin, what it may include)"


def main():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True, text=True, check=True)
    paths = {path for path in listed.stdout.split("\0") if path and os.path.isfile(path)}
    faults = list(folders_without_readme(paths))
    for path in sorted(paths):
        if GENERATED.search(path) or os.path.splitext(path)[1] not in TEXT:
            continue
        text = open(path, encoding="utf-8", errors="replace").read()
        faults += [f"{path}:{number}: {fault}" for number, fault in check_text(path, text)]
    print("\n".join(faults + [f"check_style: {len(faults)} faults in {len(paths)} files"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
