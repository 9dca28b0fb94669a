#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house style as a program.

    tidy.py [--root FOLDER] [--library libplm_core.a] [--nm llvm-nm-22]

Each finding is one line: file:line: what, and what to do. Exit status 1 when there is any.
Limits and exceptions are the tables below: an exception without a reason is not an exception.
"""
import argparse
import collections
import pathlib
import re
import subprocess
import sys

TOP = ["abi", "clients", "cmake", "contract", "docs", "host_sim", "tests", "tools", ".ci"]
SKIPPED_FOLDERS = {"build", ".git", "corpus", "__pycache__", "node_modules"}
COLUMNS = {".c": 100, ".h": 100, ".py": 100, ".cmake": 100, ".mjs": 100, ".sh": 110,
           ".scn": 260, ".def": 400}  # a row of a table is one line, and so is a market with all of
                                      # its options: the language of scenarios has no continuation
SPDX_SUFFIXES = {".c", ".h", ".def", ".py", ".cmake", ".sh", ".mjs"}
FUNCTION_LINES = 70
# Assertions and checked steps per function, averaged over a file of contract/core. Functions of at
# most five lines are left out: their types say what an assertion would.
ASSERTIONS_PER_FUNCTION = 1.0
SHORT_FUNCTION_LINES = 5

BANNED_WORDS = ["float", "double", "goto"]
BANNED_CALLS = ["malloc", "calloc", "realloc", "free", "alloca", "strcpy", "strcat", "sprintf",
                "printf", "time", "rand", "random", "setjmp", "longjmp", "memcpy_s"]
BANNED_NOTES = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
BANNED_NAMES = {"util", "utils", "lib", "common", "helper", "helpers", "misc"}
WIDE_FILES = {"plm_wide.c", "plm_wide.h"}
DIVISION_FILES = WIDE_FILES | {"plm_int.h", "plm_int.c"}
UNWRAP_FILES = DIVISION_FILES | {"plm_fix.c", "plm_fix.h", "plm_math.c", "plm_math.h",
                                 "plm_codec.c", "plm_codec.h", "plm_units.h"}
# Names that a file exports beside its own plm_<file>_: the arithmetic of a unit is named by the
# unit, and a preview is a query that only the engine can answer, by running an operation.
EXPORTS = {"plm_fix": ("plm_val_", "plm_wval_", "plm_price_", "plm_qty_", "plm_ratio_", "plm_rate_",
                       "plm_index_"),
           "plm_engine": ("plm_query_get_preview",)}
PROTOTYPE = re.compile(r"^(?!static|PLM_INLINE|typedef|#|return)[a-zA-Z_][\w \*]*\bplm_\w+\(")
UNIT_MEMBERS = "wad|wadppm|ticks|ppm|nano|sec"

# (check, path from the root) -> why it may.
EXCEPTIONS = {
}

findings = []
guards = {}
root = pathlib.Path(".")


def report(check, path, line, text):
    name = path.relative_to(root).as_posix()
    if (check, name) not in EXCEPTIONS:
        findings.append(f"{name}:{line}: {text} [{check}]")


def all_files():
    for path in sorted(root.iterdir()):
        if path.is_file():
            yield path
    for top in TOP:
        for path in sorted((root / top).rglob("*")):
            parts = set(path.relative_to(root).parts)
            if path.is_file() and not parts & SKIPPED_FOLDERS:
                yield path


def blank(match):
    """Replaces a comment or a literal by spaces, so that places stay the same."""
    return re.sub(r"[^\n]", " ", match.group(0))


def code_only(text):
    """The text without comments, string and character literals."""
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, blank, text, flags=re.S)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check_text(path, data):
    """Line ends, columns, licence line, notes left behind."""
    if b"\r" in data:
        report("lf", path, 1, "carriage return: use LF line ends")
    if data and not data.endswith(b"\n"):
        report("newline", path, data.count(b"\n") + 1, "no newline at the end of the file")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    lines = text.split("\n")
    limit = COLUMNS.get(path.suffix)
    for number, line in enumerate(lines, 1):
        if limit and len(line) > limit and "://" not in line:
            report("columns", path, number, f"{len(line)} columns, {limit} at most")
        if path.suffix in COLUMNS and (line.endswith(" ") or "\t" in line):
            report("blanks", path, number, "tab, or blank at the end of the line")
        for note in BANNED_NOTES:
            if re.search(rf"\b{note}\b", line) and path.suffix in SPDX_SUFFIXES:
                report("notes", path, number, f"{note}: open an issue or an adr/ page instead")
        if re.search(r"(?<![\w$.])/(home|root)/\w", line):
            report("paths", path, number, "a path of somebody's machine")
    head = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
    is_script = lines[0].startswith("#!")
    if (path.suffix in SPDX_SUFFIXES or is_script or path.name == "CMakeLists.txt") and \
            "SPDX-License-Identifier: Apache-2.0" not in head:
        report("spdx", path, 1, "the first line is not SPDX-License-Identifier: Apache-2.0")
    if path.stem in BANNED_NAMES:
        report("names", path, 1, f"'{path.stem}' says nothing: name the subject of the file")
    return text


def check_contract(path, code):
    """What the contract must not contain, as tokens."""
    for word in BANNED_WORDS:
        for match in re.finditer(rf"\b{word}\b", code):
            report("banned", path, line_of(code, match.start()), f"'{word}' in the contract")
    for word in BANNED_CALLS:
        for match in re.finditer(rf"(?<![\w.>]){word}\s*\(", code):
            report("banned", path, line_of(code, match.start()), f"'{word}' in the contract")
    for match in re.finditer(r"^[ \t]*#[ \t]*pragma\b", code, re.M):
        report("banned", path, line_of(code, match.start()), "#pragma in the contract")
    if path.name not in WIDE_FILES:
        for match in re.finditer(r"\b__int128\b", code):
            report("int128", path, line_of(code, match.start()),
                   "__int128 outside plm_wide: use plm_i128")
    bare = re.sub(r"^[ \t]*#[ \t]*include[^\n]*", blank, code, flags=re.M)
    # Adapters do no arithmetic on money, and the runtime knows none: decimals and words there.
    is_edge = "chain" in path.parts or path.parent.name == "rt"
    if path.name not in DIVISION_FILES and not is_edge:
        for match in re.finditer(r"[/%]", bare):
            report("division", path, line_of(code, match.start()),
                   "'/' or '%' outside plm_int and plm_wide: use a _floor, _ceil or _exact form")
    if path.parent.name == "core" and path.name not in UNWRAP_FILES:
        # Records have fields called lots and atoms: only the unit inside them is an unwrapping.
        inside = r"\b(?:lots|oi|qty|atoms|amount|total|surplus|cap)\.(lots|atoms)\b"
        for match in re.finditer(rf"(?:\.|->)({UNIT_MEMBERS})\b|{inside}", bare):
            report("unwrap", path, line_of(code, match.start()),
                   f"'.{match.group(1) or match.group(2)}' unwraps a unit: use plm_fix")


def closing(code, position):
    """The place of the parenthesis that closes the one at `position`."""
    depth = 0
    for at in range(position, len(code)):
        depth += {"(": 1, ")": -1}.get(code[at], 0)
        if depth == 0:
            return at
    return len(code)


def check_decisions(path, code):
    """Negated compounds and comparisons of booleans mislead the coverage tool and the reader."""
    for match in re.finditer(r"!\s*\(", code):
        inside = code[match.end():closing(code, match.end() - 1)]
        if "&&" in inside or "||" in inside:
            report("decisions", path, line_of(code, match.start()),
                   "negated compound: write the De Morgan form")
    for match in re.finditer(r"[=!]=\s*(?:true|false)\b|\b(?:true|false)\s*[=!]=", code):
        report("decisions", path, line_of(code, match.start()),
               "comparison with true or false: use the predicate itself")


def functions(code):
    """(first line, last line, body) of each function: the house puts both braces in column 1."""
    for match in re.finditer(r"^\{\n(.*?)^\}", code, re.M | re.S):
        before = code[:match.start()].rstrip()
        if before.endswith(")"):
            yield line_of(code, match.start()), line_of(code, match.end()), match.group(1)


def check_functions(path, code, is_core):
    found = list(functions(code))
    for first, last, _body in found:
        if last - first - 1 > FUNCTION_LINES:
            report("length", path, first,
                   f"a function of {last - first - 1} lines, {FUNCTION_LINES} at most")
    long = [1 for first, last, _body in found if last - first - 1 > SHORT_FUNCTION_LINES]
    if is_core and path.suffix == ".c" and len(long) >= 3:
        count = len(re.findall(r"\bPLM_(?:ASSERT|AUDIT|INVARIANT|NEVER|STATIC_ASSERT|TRY)\b", code))
        if count < ASSERTIONS_PER_FUNCTION * len(long):
            report("assertions", path, 1, f"{count} assertions and checked steps in {len(long)} "
                   f"longer functions, {ASSERTIONS_PER_FUNCTION} a function at least")


def check_guard(path, text):
    """A header is guarded by PREFIX_..._H; those that serve the tables are not."""
    if re.match(r"table_|plm_abi_(tables|bounded)", path.name):
        return
    guard = re.search(r"^#ifndef ((?:PLM|SIM|TESTS?)_\w+_H)\n#define (\w+)$", text, re.M)
    if not guard or guard.group(1) != guard.group(2):
        report("guard", path, 1, "no include guard PLM_<DIR>_<FILE>_H")
    elif guard.group(1) in guards:
        report("guard", path, 1, f"{guard.group(1)} also guards {guards[guard.group(1)]}")
    else:
        guards[guard.group(1)] = path.name


def check_prototypes(path, text):
    """Each public prototype, or the group it stands in, has a comment directly above it."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not PROTOTYPE.match(line):
            continue
        above = number - 1
        while above >= 0 and lines[above].strip() and not lines[above].startswith("#"):
            above -= 1
        block = lines[above + 1:number]
        if not any(re.match(r"\s*(/\*|//| \*)", entry) for entry in block):
            report("prototypes", path, number + 1, "a public prototype without a comment above it")


def check_twins(path):
    """plm_x.c has plm_x.h and tests/unit/test_x.c."""
    stem = path.stem.removeprefix("plm_")
    public = root / "contract/include/plm" / path.with_suffix(".h").name
    if not path.with_suffix(".h").exists() and not public.exists() and stem != "assumptions" \
            and not stem.startswith(("op_", "query_")):
        report("twins", path, 1, f"{path.stem}.h is missing")
    if stem != "assumptions" and not (root / f"tests/unit/test_{stem}.c").exists():
        report("twins", path, 1, f"tests/unit/test_{stem}.c is missing")


def rows(text):
    """symbol -> the codes of its rows, in the order of the table; one code a symbol is right."""
    result = collections.OrderedDict()
    for match in re.finditer(r"^\s*(?:X|PLM_PARAM_\w+)\(\s*(\w+)\s*,\s*([^,)]*)", text, re.M):
        result.setdefault(match.group(1), []).append(match.group(2).strip())
    return result


CODED = {"errors.def", "ops.def", "queries.def", "events.def", "lines.def", "keys.def",
         "params.def"}


def check_table(path, text, last_tag):
    found = rows(text)
    if path.name in CODED:
        seen = {}
        for symbol, codes in found.items():
            for code in codes:
                if code in seen or len(codes) > 1:
                    report("tables", path, 1, f"{symbol}: symbol or code {code} is used twice")
                seen[code] = symbol
    if path.name in CODED and last_tag:
        old = subprocess.run(["git", "-C", str(root), "show",
                              f"{last_tag}:abi/{path.name}"], capture_output=True, text=True)
        for symbol, codes in rows(old.stdout).items():
            if found.get(symbol) != codes:
                report("tables", path, 1, f"{symbol} {codes} of {last_tag} changed or vanished: "
                       "tables grow at the end and never change")


def check_page(path, text):
    """One H1 a page; relative links resolve."""
    prose = re.sub(r"^```.*?^```", blank, text, flags=re.M | re.S)
    prose = re.sub(r"`[^`\n]*`", blank, prose)
    titles = re.findall(r"^# .+", prose, re.M)
    if len(titles) != 1:
        report("pages", path, 1, f"{len(titles)} titles of the first level, exactly one is wanted")
    for match in re.finditer(r"\]\(([^)\s#]+)(#[^)\s]*)?\)", prose):
        target = match.group(1)
        if "://" in target or target.startswith("mailto:"):
            continue
        if not (path.parent / target).exists():
            report("pages", path, line_of(prose, match.start()), f"the link {target} leads nowhere")


def check_exports(library, nm):
    """plm_x.o defines only plm_x_* for others."""
    listing = subprocess.run([nm, "--extern-only", "--defined-only", "--format=posix", library],
                             capture_output=True, text=True, check=True).stdout
    module = ""
    for line in listing.splitlines():
        if line.endswith(":"):
            inside = re.search(r"\[(.*?)\]", line)
            module = (inside.group(1) if inside else line[:-1]).split("/")[-1].split(".")[0]
        elif line.strip():
            symbol = line.split()[0]
            # Operations and queries are named by their tables: their files share one prefix.
            family = re.match(r"plm_(op|query)_", module)
            prefix = family.group(0) if family else module + "_"
            allowed = (prefix, *EXPORTS.get(module, ()))
            if module.startswith("plm_") and symbol != module and not symbol.startswith(allowed):
                source = root / "contract/core" / f"{module}.c"
                report("exports", source, 1, f"exports {symbol}: make it static, or name it "
                       f"{module}_...")


def last_tag_of():
    done = subprocess.run(["git", "-C", str(root), "describe", "--tags", "--abbrev=0"],
                          capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def main():
    global root
    parser = argparse.ArgumentParser(description="Checks the house style.")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--library", help="the built core, to check what each file exports")
    parser.add_argument("--nm", default="llvm-nm-22")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    last_tag = last_tag_of()
    count = 0
    for path in all_files():
        text = check_text(path, path.read_bytes())
        if text is None:
            continue
        count += 1
        place = path.relative_to(root).parts
        is_core = place[:2] == ("contract", "core")
        if path.suffix in (".c", ".h"):
            code = code_only(text)
            check_decisions(path, code)
            check_functions(path, code, is_core)
            if path.suffix == ".h":
                check_guard(path, text)
            if place[0] == "contract":
                check_contract(path, code)
            if place[0] == "contract" and path.suffix == ".h":
                check_prototypes(path, text)
        if is_core and path.suffix == ".c":
            check_twins(path)
        if path.suffix == ".def" and place[0] == "abi":
            check_table(path, text, last_tag)
        if path.suffix == ".md":
            check_page(path, text)
    if arguments.library:
        check_exports(arguments.library, arguments.nm)
    for finding in findings:
        print(finding)
    if findings:
        print(f"tidy: {len(findings)} findings in {count} files. Repair them, or put an exception "
              "with its reason into tests/tools/tidy.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
