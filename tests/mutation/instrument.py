#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes contract/core once more with every mutant in it, asleep.

    instrument.py OUT [--clang clang-22]

OUT gets a copy of each source of contract/core in which every place of a mutant asks whether it is
the one that is awake: `a < b` becomes `(PLM_MUTANT(7) ? (a <= b) : (a < b))`. One build then holds
all mutants, and which of them lives is a number in the environment (plm_mutant.h). OUT/mutants.tsv
lists them: number, file, line, function, operator, what stood there, what stands there now, and
which of equal ones in the function it is.

Operators: relation (< with <=, == with !=, and each with its negation), logic (&& with ||, ! off),
arithmetic (+ -, * +, / *, % /, << >>, & |), constant (a named one and one more), rounding (_floor
with _ceil), sign (add with sub, min with max, long with short), order (two arguments of one type
swapped), code (another result code), statement (a call, an assignment or a PLM_TRY deleted). No
mutants have assertions, numbers without a name (where one is a threshold the relation has the
mutant), constants that a compiler needs, arguments that commute, and branches that PLM_NEVER says
to be dead or that only the lab build can reach, with a rule off.
"""

import argparse
import json
import multiprocessing
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "contract" / "core"
RELATIONS = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
             "==": ("!=",), "!=": ("==",)}
LOGIC = {"&&": "||", "||": "&&"}
ARITHMETIC = {"+": "-", "-": "+", "*": "+", "/": "*", "%": "/", "<<": ">>", ">>": "<<", "&": "|",
              "|": "&", "^": "|"}
ASSERTIONS = re.compile(r"PLM_(ASSERT|AUDIT|INVARIANT|NEVER|STATIC_ASSERT|RULE_IS_ON)\b")
TWINS = (("rounding", "floor", "ceil"), ("sign", "add", "sub"), ("sign", "min", "max"),
         ("sign", "long", "short"), ("sign", "lo", "hi"), ("sign", "bid", "ask"))
# Two arguments of these may change places.
COMMUTATIVE = re.compile(r"_(add|mul|muldiv|min|max|mean|equal|wad_quotient|product_sign)(_|$)|"
                         r"_cmp_products$|_notional$|_is_same_hash$|memcmp$|_distance$|_worse$|"
                         r"_price_first$|_share_floor$")
INTEGER = re.compile(r"^(const )?(unsigned |signed )?(char|short|int|long|long long|bool|_Bool|"
                     r"u?int(8|16|32|64)_t|size_t|__int128|enum plm_\w+)$")


@dataclass
class Site:
    """A stretch of text and what may stand there instead."""
    begin: int
    end: int
    is_statement: bool = False
    mutants: list[tuple[str, str, str]] = field(default_factory=list)  # operator, now, shown


@dataclass
class Source:
    """One file: its text, its sites by range, and where each function begins."""
    name: str
    text: str
    types: dict[str, str]  # of every function that is declared
    sites: dict[tuple[int, int, bool], Site] = field(default_factory=dict)
    functions: list[tuple[int, int, str]] = field(default_factory=list)
    file: str = ""  # the file of the last place that the compiler printed

    def add(self, begin: int, end: int, operator: str, now: str, is_statement: bool = False,
            shown: str = "") -> None:
        """One more mutant of the text from begin to end."""
        site = self.sites.setdefault((begin, end, is_statement), Site(begin, end, is_statement))
        entry = (operator, now, shown or now)
        if now != self.text[begin:end] and entry not in site.mutants:
            site.mutants.append(entry)

    def place(self, where: dict[str, Any]) -> tuple[int, int, bool] | None:
        """(offset, length, is it written at this very place) of a place in the main file."""
        if "spellingLoc" in where:
            spelling, expansion = where["spellingLoc"], where["expansionLoc"]
            spelled_here = self.visit(spelling)
            expanded_here = self.visit(expansion)
            if expansion.get("isMacroArgExpansion") and spelled_here and "offset" in spelling:
                return spelling["offset"], spelling["tokLen"], True
            if expanded_here and "offset" in expansion:
                return expansion["offset"], expansion["tokLen"], False
            return None
        here = self.visit(where)
        return (where["offset"], where["tokLen"], True) if here and "offset" in where else None

    def visit(self, where: dict[str, Any]) -> bool:
        """The compiler names a file only where it changes."""
        self.file = where.get("file", self.file)
        return Path(self.file).name == self.name


def reach(source: Source, node: dict[str, Any]) -> tuple[Any, Any]:
    """Both ends of a node; also keeps track of the file, in the order that was printed."""
    if "loc" in node:
        source.place(node["loc"])
    span = node.get("range", {})
    return source.place(span.get("begin", {})), source.place(span.get("end", {}))


def statement_end(text: str, begin: int) -> int:
    """The place after the semicolon that ends a statement which begins here."""
    depth = 0
    for i in range(begin, len(text)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
        elif text[i] == ";" and depth == 0:
            return i + 1
    raise SystemExit(f"instrument: no end of the statement at {begin}")


def skip_all(source: Source, node: dict[str, Any]) -> None:
    """Walks what has no mutants, for the sake of the file's name."""
    reach(source, node)
    for child in node.get("inner", []):
        skip_all(source, child)


def binary(source: Source, node: dict[str, Any], begin: int, end: int) -> None:
    """The operator between the two operands, replaced."""
    operator = node["opcode"]
    left = node["inner"][0].get("range", {}).get("end", {})
    right = node["inner"][1].get("range", {}).get("begin", {})
    here = [w.get("spellingLoc", w) if w.get("expansionLoc", {}).get("isMacroArgExpansion")
            else w.get("expansionLoc", w) for w in (left, right)]
    if "offset" not in here[0] or "offset" not in here[1]:
        return
    # Between the end of the last token on the left and the first on the right.
    start = here[0]["offset"] + here[0]["tokLen"]
    if "expansionLoc" in left and not left["expansionLoc"].get("isMacroArgExpansion"):
        start = source.text.find(operator, here[0]["offset"])
    at = source.text.find(operator, start, here[1]["offset"])
    if at < 0:
        return

    def with_operator(new: str) -> str:
        return source.text[begin:at] + new + source.text[at + len(operator):end]

    if operator in RELATIONS:
        for new in RELATIONS[operator]:
            source.add(begin, end, "relation", with_operator(new))
    elif operator in LOGIC:
        source.add(begin, end, "logic", with_operator(LOGIC[operator]))
    elif operator in ARITHMETIC and INTEGER.match(node["type"]["qualType"]):
        # Brackets keep what was one operand one operand.
        new = ARITHMETIC[operator]
        source.add(begin, end, "arithmetic",
                   f"({source.text[begin:at]}) {new} ({source.text[at + len(operator):end]})",
                   shown=with_operator(new))


def call(source: Source, node: dict[str, Any], begin: int, end: int) -> None:
    """Twins of the function's name, and neighbours of one type swapped."""
    text = source.text[begin:end]
    match = re.match(r"\w+", text)
    if match is None:
        return
    name = match.group()
    for operator, one, other in TWINS:
        for old, new in ((one, other), (other, one)):
            twin = re.sub(rf"(?<=_){old}(?=_|$)", new, name)
            if twin != name and source.types.get(twin) == source.types.get(name):
                source.add(begin, end, operator, twin + text[len(name):])
    arguments = node["inner"][1:]
    if name not in source.types:
        return
    pieces = split_arguments(text[len(name):])
    if pieces is None or len(pieces) != len(arguments) or COMMUTATIVE.search(name):
        return
    for i in range(len(arguments) - 1):
        same = plain_type(arguments[i]) == plain_type(arguments[i + 1])
        if same and pieces[i].strip() != pieces[i + 1].strip():
            swapped = list(pieces)
            swapped[i], swapped[i + 1] = pieces[i + 1], pieces[i]
            source.add(begin, end, "order",
                       f"{name}({', '.join(piece.strip() for piece in swapped)})")


def plain_type(node: dict[str, Any]) -> str:
    """The type of an argument, as the function takes it."""
    return str(node.get("type", {}).get("qualType", "?")).removeprefix("const ")


def split_arguments(text: str) -> list[str] | None:
    """The arguments of `(a, b)`; None where the text is no plain call."""
    if not text.startswith("(") or not text.endswith(")"):
        return None
    pieces, depth, start = [], 0, 1
    for i in range(1, len(text) - 1):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
        elif text[i] == "," and depth == 0:
            pieces.append(text[start:i])
            start = i + 1
    pieces.append(text[start:-1])
    return pieces


def deletable(source: Source, node: dict[str, Any]) -> None:
    """A statement of a block that may go: a call, an assignment, a step, a PLM_TRY."""
    begin = node.get("range", {}).get("begin", {})
    where = begin.get("expansionLoc", begin)
    offset = where.get("offset")
    if offset is None:
        return
    text = source.text[offset:offset + 40]
    plain = node.get("kind") in ("CallExpr", "CompoundAssignOperator") or (
        node.get("kind") == "BinaryOperator" and node.get("opcode") == "=") or (
        node.get("kind") == "UnaryOperator" and node.get("opcode") in ("++", "--"))
    if text.startswith("PLM_TRY(") or (plain and not ASSERTIONS.match(text)
                                       and "expansionLoc" not in begin):
        end = statement_end(source.text, offset)
        source.add(offset, end, "statement", "", True, "nothing")


def walk(source: Source, node: dict[str, Any]) -> None:
    """Collects the sites of a function's body."""
    kind = node.get("kind", "")
    begin, end = reach(source, node)
    if kind in ("ConstantExpr", "UnaryExprOrTypeTraitExpr", "StaticAssertDecl", "TypedefDecl",
                "RecordDecl", "EnumDecl") or (
            kind == "VarDecl" and node.get("storageClass") == "static"):
        for child in node.get("inner", []):
            skip_all(source, child)
        return
    if node.get("castKind") == "NullToPointer":
        return
    if begin is not None and ASSERTIONS.match(source.text, begin[0]) and not begin[2]:
        for child in node.get("inner", []):
            skip_all(source, child)
        return
    if begin is not None and end is not None and begin[2] and end[2]:
        first, last = begin[0], end[0] + end[1]
        if kind == "BinaryOperator":
            binary(source, node, first, last)
        elif kind == "UnaryOperator" and node.get("opcode") == "!":
            source.add(first, last, "logic", f"!({source.text[first:last]})",
                       shown=source.text[first + 1:last])
        elif kind == "CallExpr":
            call(source, node, first, last)
        elif kind == "DeclRefExpr" and node["referencedDecl"]["kind"] == "EnumConstantDecl":
            name = node["referencedDecl"]["name"]
            if re.match(r"PLM_(E_\w+|OK)$", name):
                for code in ("PLM_OK", "PLM_E_VERSION"):
                    if code != name:
                        source.add(first, last, "code", code)
            else:
                source.add(first, last, "constant", f"{name} + 1")
    elif begin is not None and end is not None and begin[0] == end[0] and not begin[2]:
        # A constant that is a macro.
        match = re.match(r"[A-Z][A-Z0-9_]+\b(?!\()", source.text[begin[0]:])
        if match and kind != "DeclRefExpr" and INTEGER.match(
                node.get("type", {}).get("qualType", "")):
            source.add(begin[0], begin[0] + match.end(), "constant", f"{match.group()} + 1")
            for child in node.get("inner", []):
                skip_all(source, child)
            return
    children = node.get("inner", [])
    # What is never reached, and what only a lab build reaches, with the rule off.
    text = source.text[begin[0]:begin[0] + 60] if begin else ""
    dead = -1
    if kind == "IfStmt" and re.match(r"if \((PLM_NEVER\b|!PLM_RULE_IS_ON\(s, \w+\)\) \{)", text):
        dead = 1
    elif kind == "ConditionalOperator" and re.match(r"PLM_RULE_IS_ON\(s, \w+\)\s*\?", text):
        dead = 2
    for i, child in enumerate(children):
        if not child:
            continue
        if kind == "CompoundStmt":
            deletable(source, child)
        if i == dead:
            skip_all(source, child)
        else:
            walk(source, child)


def collect(path: Path, clang: str) -> Source:
    """The sites of one file."""
    command = [clang, "-std=c17", "-w", "-ffreestanding", "-DPLM_AUDIT_ON"]
    command += [f"-I{ROOT / folder}" for folder in ("contract/include", "contract/core", "abi")]
    command += ["-fsyntax-only", "-Xclang", "-ast-dump=json", str(path)]
    tree = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    types = {node["name"]: node["type"]["qualType"] for node in tree["inner"]
             if node["kind"] == "FunctionDecl"}
    source = Source(path.name, path.read_bytes().decode("ascii"), types)
    for node in tree["inner"]:
        begin, end = reach(source, node)
        body = [c for c in node.get("inner", []) if c.get("kind") == "CompoundStmt"]
        if node.get("kind") == "FunctionDecl" and body and begin and end:
            source.functions.append((begin[0], end[0], node["name"]))
            for child in node["inner"]:
                if child.get("kind") == "CompoundStmt":
                    walk(source, child)
                else:
                    skip_all(source, child)
        else:
            for child in node.get("inner", []):
                skip_all(source, child)
    return source


def render(source: Source, number: int, rows: list[str]) -> tuple[str, int]:
    """The text with its mutants, from the outside in."""
    sites = sorted((s for s in source.sites.values() if s.mutants),
                   key=lambda s: (s.begin, -s.end, not s.is_statement))
    seen: dict[tuple[str, ...], int] = {}
    position = 0

    def inside(begin: int, end: int) -> str:
        nonlocal position, number
        out, at = [], begin
        while position < len(sites) and sites[position].begin < end:
            site = sites[position]
            if site.end > end:
                raise SystemExit(f"instrument: {source.name}: sites overlap at {site.begin}: "
                                 f"{source.text[site.begin:site.end]!r}")
            position += 1
            out.append(source.text[at:site.begin])
            first, was = number, source.text[site.begin:site.end]
            for operator, _, shown in site.mutants:
                function = next((n for b, e, n in source.functions if b <= site.begin <= e), "-")
                key = (function, operator, squeeze(was), squeeze(shown))
                seen[key] = seen.get(key, 0) + 1
                line = source.text.count("\n", 0, site.begin) + 1
                rows.append("\t".join((str(number), source.name, str(line)) + key +
                                      (str(seen[key]),)))
                number += 1
            asleep = inside(site.begin, site.end)
            if site.is_statement:
                out.append(f"if (PLM_MUTANT({first})) {{ }} else {{ {asleep} }}")
            else:
                tests = "".join(f"PLM_MUTANT({first + i}) ? ({now}) : "
                                for i, (_, now, _) in enumerate(site.mutants))
                out.append(f"({tests}({asleep}))")
            at = site.end
        out.append(source.text[at:end])
        return "".join(out)

    return inside(0, len(source.text)), number


def squeeze(text: str) -> str:
    """On one line."""
    return " ".join(text.split())


def main() -> None:
    """Writes the sources and the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--clang", default="clang-22")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rows: list[str] = []
    number = 1
    paths = sorted(CORE.glob("*.c"))
    with multiprocessing.Pool() as pool:
        sources = pool.starmap(collect, [(path, options.clang) for path in paths], chunksize=1)
    for source in sources:
        new, number = render(source, number, rows)
        (options.out / source.name).write_text('#include "plm_mutant.h"\n#line 1\n' + new)
    (options.out / "plm_mutant_count.h").write_text(f"#define PLM_MUTANTS {number}\n")
    (options.out / "mutants.tsv").write_text("\n".join(rows) + "\n")
    print(f"instrument: {number - 1} mutants in {options.out}")


if __name__ == "__main__":
    main()
