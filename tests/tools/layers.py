#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the layers: the table in contract/README.md is the configuration.

    layers.py [--root FOLDER]

A file of the core includes only its own header, headers of strictly lower layers and the few
system headers of a freestanding compiler. Only the modules named in the table's host line call
plm_host_*. Chain adapters and the simulator include contract/include and abi only; an adapter also
the modules that the table's edge line opens to it.
"""
import argparse
import fnmatch
import pathlib
import re
import sys

SYSTEM_HEADERS = {"stdint.h", "stdbool.h", "stddef.h", "limits.h"}
ROW = re.compile(r"^\|\s*L(\d+)\s*\|([^|]*)\|", re.M)
HOST_LINE = re.compile(r"^Modules that call the host: (.*)$", re.M)
EDGE_LINE = re.compile(r"^Modules open to chain adapters: (.*)$", re.M)
# Headers of abi/ that are part of a table: they have no layer of their own.
TABLE_PARTS = re.compile(r"table_|plm_abi_")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def read_table(page):
    """Returns [(pattern, layer)], the patterns of the modules that call the host, and the modules
    that adapters may use."""
    table = [(name, int(row.group(1))) for row in ROW.finditer(page)
             for name in re.findall(r"plm_[\w*]+", row.group(2))]
    host, edge = HOST_LINE.search(page), EDGE_LINE.search(page)
    return (table, re.findall(r"plm_[\w*]+", host.group(1)) if host else [],
            re.findall(r"plm_\w+", edge.group(1)) if edge else [])


def layer_of(table, module):
    exact = [layer for pattern, layer in table if pattern == module]
    loose = [layer for pattern, layer in table if fnmatch.fnmatch(module, pattern)]
    return (exact or loose or [None])[0]


def includes(text):
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start(2)) + 1, match.group(1), match.group(2)


def check_core_file(path, table, callers):
    module = path.stem
    layer = layer_of(table, module)
    if layer is None:
        yield 1, f"{module} has no layer: add it to the table in contract/README.md"
        return
    text = path.read_text(encoding="utf-8")
    for line, kind, name in includes(text):
        stem = pathlib.PurePosixPath(name).stem
        if name.endswith(".def") or TABLE_PARTS.match(stem):
            continue
        if kind == "<" and not name.startswith("plm/"):
            if name not in SYSTEM_HEADERS:
                yield line, f"<{name}> is not freestanding: only {' '.join(sorted(SYSTEM_HEADERS))}"
            continue
        other = layer_of(table, stem)
        if stem == module:
            continue
        if other is None:
            yield line, f"{name} has no layer: add it to the table in contract/README.md"
        elif other >= layer:
            yield line, (f"{module} (L{layer}) includes {stem} (L{other}): only strictly lower "
                         "layers may be included; move the code or the row")
    may_call = any(fnmatch.fnmatch(module, pattern) for pattern in callers)
    bare = re.sub(r"//[^\n]*|/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text,
                  flags=re.S)
    if path.suffix == ".c" and not may_call:
        for match in re.finditer(r"\bplm_host_\w+\s*\(", bare):
            yield text.count("\n", 0, match.start()) + 1, (
                f"{module} calls the host: only the modules of the host line in "
                "contract/README.md may")


def check_edge_file(path, core_headers):
    for line, _kind, name in includes(path.read_text(encoding="utf-8")):
        if pathlib.PurePosixPath(name).name in core_headers and not name.startswith("plm/"):
            yield line, f"{name} belongs to the core: the edge includes <plm/...> and abi only"


def main():
    parser = argparse.ArgumentParser(description="Checks the layers of the contract.")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path("."))
    root = parser.parse_args().root.resolve()
    table, callers, opened = read_table((root / "contract/README.md").read_text(encoding="utf-8"))
    if not table:
        print("contract/README.md: no rows `| L0 | ... |` found")
        return 1
    findings = []

    def collect(path, found):
        findings.extend(f"{path.relative_to(root)}:{line}: {text}" for line, text in found)

    for folder in ("contract/include/plm", "contract/core", "abi"):
        for path in sorted((root / folder).glob("*.[ch]")):
            if not TABLE_PARTS.match(path.stem):
                collect(path, check_core_file(path, table, callers))
    core_headers = {path.name for path in (root / "contract/core").glob("*.h")}
    for folder in ("contract/chain", "contract/rt", "host_sim"):
        closed = core_headers
        if folder == "contract/chain":
            closed = core_headers - {f"{module}.h" for module in opened}
        for path in sorted((root / folder).rglob("*.[ch]")):
            collect(path, check_edge_file(path, closed))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
