#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the shape of a contract: one pass over the binary, no dependencies.

    wasm_check.py MODULE.wasm [--chain NAME] [--lists FOLDER] [--lab] [--write]

Refused: anything after the MVP, floats in any place, memory.grow, a start function, custom
sections, more than 100 declared locals in a function, more memory than the chain is given or a
maximum of it where the chain takes none, imports or exports that differ from the committed lists
of FOLDER (imports.txt, exports.txt), a size more than 5 % above the committed one (sizes.txt), a
trace of the lab build. Sizes and the hash are printed; --write writes the lists instead of
comparing them. With --lab the module must carry the lab build's mark instead.
"""
import argparse
import collections
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys

LOCALS_MAX = 100
GROWTH_PERCENT = 5


class Chain:
    """What a chain asks of a module, and how small we wish it to be there."""

    def __init__(self, pages_max, has_maximum, raw_wish, brotli_wish):
        self.pages_max = pages_max
        self.has_maximum = has_maximum
        self.raw_wish = raw_wish
        self.brotli_wish = brotli_wish


CHAINS = {"sim": Chain(4, True, 60 * 1024, 24 * 1024),
          "cosmwasm": Chain(16, False, 120_000, 52_000)}
LAB_MARK = b"PLM_LAB_BUILD"
TYPE_NAMES = {0x7F: "i32", 0x7E: "i64"}
SECTION_NAMES = ["custom", "type", "import", "function", "table", "memory", "global", "export",
                 "start", "element", "code", "data", "data count"]
SECTION_MVP_LAST = 11


class Refused(Exception):
    """The module is not one we would deploy; the text says why."""


class Reader:
    """A cursor over bytes that refuses to run past its end."""

    def __init__(self, data, start=0, end=None):
        self.data = data
        self.at = start
        self.end = len(data) if end is None else end

    def byte(self):
        if self.at >= self.end:
            raise Refused(f"truncated at byte {self.at}")
        self.at += 1
        return self.data[self.at - 1]

    def take(self, count):
        if self.at + count > self.end:
            raise Refused(f"truncated at byte {self.at}")
        self.at += count
        return self.data[self.at - count:self.at]

    def unsigned(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
            if shift >= 35:
                raise Refused(f"number too long at byte {self.at}")

    def skip_signed(self, bits):
        for _ in range((bits + 6) // 7):
            if self.byte() < 0x80:
                return
        raise Refused(f"number too long at byte {self.at}")

    def name(self):
        return self.take(self.unsigned()).decode("utf-8")

    def value_type(self, where):
        byte = self.byte()
        if byte not in TYPE_NAMES:
            kind = "float" if byte in (0x7D, 0x7C) else f"type 0x{byte:02x}"
            raise Refused(f"{kind} in {where}: only i32 and i64 are allowed")
        return TYPE_NAMES[byte]


def opcode_table():
    """opcode -> (name class, immediate). Float opcodes are known so that the refusal can say so."""
    table = {}

    def add(codes, immediate):
        for code in codes:
            table[code] = immediate

    add([0x00, 0x01, 0x05, 0x0B, 0x0F, 0x1A, 0x1B], "none")
    add([0x02, 0x03, 0x04], "block")
    add([0x0C, 0x0D, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24], "index")
    add([0x0E], "br_table")
    add([0x11], "call_indirect")
    add(range(0x28, 0x3F), "memory")
    add([0x3F], "memory.size")
    add([0x40], "grow")
    add([0x41], "i32")
    add([0x42], "i64")
    add(range(0x45, 0x5B), "none")
    add(range(0x67, 0x8B), "none")
    add([0xA7, 0xAC, 0xAD], "none")
    floats = [0x2A, 0x2B, 0x38, 0x39, 0x43, 0x44, *range(0x5B, 0x67), *range(0x8B, 0xA7),
              *(code for code in range(0xA8, 0xC0) if code not in (0xAC, 0xAD))]
    add(floats, "float")
    add(range(0xC0, 0xC5), "sign extension")
    add([0xFC], "bulk memory or saturating conversion")
    add([0xFD], "SIMD")
    add([0xFE], "threads")
    add([0x12, 0x13], "tail call")
    add([0x06, 0x07, 0x08, 0x09, 0x0A, 0x18, 0x19], "exceptions")
    add([0x1C, 0x25, 0x26, 0xD0, 0xD1, 0xD2], "reference types")
    return table


OPCODES = opcode_table()
IMMEDIATES = {"none", "block", "index", "br_table", "call_indirect", "memory", "memory.size",
              "i32", "i64"}


def walk_code(body, where):
    """Steps through one function's instructions; returns how many there are."""
    count = 0
    while body.at < body.end:
        at = body.at
        opcode = body.byte()
        kind = OPCODES.get(opcode, "unknown")
        if kind == "grow":
            raise Refused(f"memory.grow in {where}: the contract has a fixed memory")
        if kind not in IMMEDIATES:
            raise Refused(f"{kind} opcode 0x{opcode:02x} in {where} at byte {at}: not allowed")
        count += 1
        if kind == "block":
            block = body.byte()
            if block in (0x7D, 0x7C):
                raise Refused(f"float block type in {where}")
            if block != 0x40 and block not in TYPE_NAMES:
                raise Refused(f"multi-value block type in {where}")
        elif kind == "index":
            body.unsigned()
        elif kind == "br_table":
            for _ in range(body.unsigned() + 1):
                body.unsigned()
        elif kind == "call_indirect":
            body.unsigned()
            if body.byte() != 0:
                raise Refused(f"overlong call_indirect in {where}: compile with -mcpu=mvp")
        elif kind == "memory":
            body.unsigned()
            body.unsigned()
        elif kind == "memory.size":
            if body.byte() != 0:
                raise Refused(f"multi-memory in {where}")
        elif kind in ("i32", "i64"):
            body.skip_signed(32 if kind == "i32" else 64)
    if body.data[body.end - 1] != 0x0B:
        raise Refused(f"{where} does not end with `end`")
    return count


def limits(reader, where):
    flags = reader.byte()
    if flags > 1:
        raise Refused(f"{where} has limits flags {flags}: shared or 64-bit is not MVP")
    low = reader.unsigned()
    return low, (reader.unsigned() if flags else None)


def constant(reader, where):
    opcode = reader.byte()
    if opcode == 0x41:
        reader.skip_signed(32)
    elif opcode == 0x42:
        reader.skip_signed(64)
    elif opcode == 0x23:
        reader.unsigned()
    else:
        raise Refused(f"initialiser opcode 0x{opcode:02x} in {where}: not allowed")
    if reader.byte() != 0x0B:
        raise Refused(f"extended constant expression in {where}: not MVP")


class Module:
    """The facts of one binary; building it refuses what no contract may have."""

    def __init__(self, data):
        self.data = data
        self.types, self.imports, self.exports = [], [], []
        self.functions, self.locals, self.ops, self.bodies = [], [], [], []
        self.memory = self.table = None
        self.data_bytes = 0
        if data[:8] != b"\0asm\x01\0\0\0":
            raise Refused("not a WebAssembly 1 module")
        reader = Reader(data, 8)
        last = 0
        while reader.at < reader.end:
            section = reader.byte()
            size = reader.unsigned()
            part = Reader(data, reader.at, reader.at + size)
            reader.take(size)
            if section == 0:
                raise Refused(f"custom section '{part.name()}': link with --strip-all")
            if section > SECTION_MVP_LAST:
                name = SECTION_NAMES[section] if section < len(SECTION_NAMES) else str(section)
                raise Refused(f"section {name}: not MVP")
            if section <= last:
                raise Refused(f"section {SECTION_NAMES[section]} out of order")
            last = section
            getattr(self, "read_" + SECTION_NAMES[section])(part)
            if part.at != part.end:
                raise Refused(f"section {SECTION_NAMES[section]} has bytes left over")
        if len(self.bodies) != len(self.functions):
            raise Refused("functions without bodies")

    def signature(self, index):
        return self.types[index]

    def read_type(self, part):
        for _ in range(part.unsigned()):
            if part.byte() != 0x60:
                raise Refused("a type that is not a function: not MVP")
            params = [part.value_type("a parameter") for _ in range(part.unsigned())]
            results = [part.value_type("a result") for _ in range(part.unsigned())]
            if len(results) > 1:
                raise Refused("a function with several results: multi-value is not MVP")
            self.types.append(f"({' '.join(params)}) -> {results[0] if results else '()'}")

    def read_import(self, part):
        for _ in range(part.unsigned()):
            module, field, kind = part.name(), part.name(), part.byte()
            if kind != 0:
                raise Refused(f"import {module}.{field} is no function: only functions may be")
            self.imports.append((f"{module}.{field}", part.unsigned()))

    def read_function(self, part):
        self.functions = [part.unsigned() for _ in range(part.unsigned())]

    def read_table(self, part):
        if part.unsigned() != 1 or part.byte() != 0x70:
            raise Refused("more than one table, or one of another kind: not MVP")
        self.table = limits(part, "the table")

    def read_memory(self, part):
        if part.unsigned() != 1:
            raise Refused("more than one memory: not MVP")
        self.memory = limits(part, "the memory")

    def read_global(self, part):
        for _ in range(part.unsigned()):
            part.value_type("a global")
            part.byte()
            constant(part, "a global")

    def read_export(self, part):
        for _ in range(part.unsigned()):
            name, kind, index = part.name(), part.byte(), part.unsigned()
            if kind == 0:
                offset = index - len(self.imports)
                kind_index = self.imports[index][1] if offset < 0 else self.functions[offset]
                self.exports.append(f"{name} {self.signature(kind_index)}")
            elif kind == 2:
                self.exports.append(f"{name} memory")
            else:
                self.exports.append(f"{name} {'table' if kind == 1 else 'global'}")

    def read_start(self, _part):
        raise Refused("start function: chains call exports only")

    def read_element(self, part):
        for _ in range(part.unsigned()):
            if part.unsigned() != 0:
                raise Refused("element segment that is passive or names a table: not MVP")
            constant(part, "an element segment")
            for _ in range(part.unsigned()):
                part.unsigned()

    def read_code(self, part):
        for number in range(part.unsigned()):
            where = f"function {number + len(self.imports)}"
            size = part.unsigned()
            body = Reader(self.data, part.at, part.at + size)
            part.take(size)
            count = 0
            for _ in range(body.unsigned()):
                count += body.unsigned()
                body.value_type(f"the locals of {where}")
            if count > LOCALS_MAX:
                raise Refused(f"{count} locals in {where}: {LOCALS_MAX} at most; "
                              "no unrolling, accumulators in arrays")
            self.locals.append(count)
            self.bodies.append(size)
            self.ops.append(walk_code(body, where))

    def read_data(self, part):
        for _ in range(part.unsigned()):
            if part.unsigned() != 0:
                raise Refused("data segment that is passive or names a memory: not MVP")
            constant(part, "a data segment")
            size = part.unsigned()
            part.take(size)
            self.data_bytes += size

    def import_lines(self):
        return sorted(f"{name} {self.signature(index)}" for name, index in self.imports)

    def export_lines(self):
        return sorted(self.exports)


def brotli_size(data):
    if not shutil.which("brotli"):
        return None
    done = subprocess.run(["brotli", "-q", "11", "-c"], input=data, capture_output=True, check=True)
    return len(done.stdout)


def check_memory(module, chain):
    pages, maximum = module.memory
    if pages > chain.pages_max:
        raise Refused(f"memory of {pages} pages: {chain.pages_max} at most")
    if maximum is None and chain.has_maximum:
        raise Refused("a memory without a maximum: this chain's is fixed")
    if maximum is not None and not chain.has_maximum:
        raise Refused(f"a memory with a maximum of {maximum} pages: this chain refuses any")


def report(module, path, chain):
    raw = len(module.data)
    packed = brotli_size(module.data)

    def sized(size, wish):
        return f"{size} of {wish}" + (" OVER THE WISH" if size > wish else "")

    print(f"{path.name}")
    print(f"  sha256     {hashlib.sha256(module.data).hexdigest()}")
    print(f"  raw        {sized(raw, chain.raw_wish)} bytes")
    print("  brotli     " + ("not measured, brotli is not installed" if packed is None
                             else sized(packed, chain.brotli_wish) + " bytes"))
    print(f"  functions  {len(module.functions)}, {sum(module.ops)} instructions, "
          f"largest body {max(module.bodies, default=0)} bytes, "
          f"most locals {max(module.locals, default=0)} of {LOCALS_MAX}")
    print(f"  data       {module.data_bytes} bytes; memory {module.memory} pages; "
          f"table {module.table}; {len(module.imports)} imports, {len(module.exports)} exports")


def compare_list(lines, path, what, write):
    if write:
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        return
    if not path.exists():
        raise Refused(f"{path} is missing: write it with --write and review it")
    golden = [line for line in path.read_text(encoding="utf-8").splitlines()
              if line and not line.startswith("#")]
    difference = collections.Counter(lines)
    difference.subtract(golden)
    wrong = [("not in the list: " if count > 0 else "missing: ") + line
             for line, count in sorted(difference.items()) if count]
    if wrong:
        raise Refused(f"{what} differ from {path.name}: " + "; ".join(wrong) +
                      ". If it is meant, run again with --write and have the list reviewed")


def compare_sizes(data, path, write):
    """A module may grow a little unseen; more than that is a decision somebody makes."""
    sizes = {"raw": len(data), "brotli": brotli_size(data)}
    known = [(name, size) for name, size in sizes.items() if size is not None]
    if write:
        path.write_text("".join(f"{name} {size}\n" for name, size in known), encoding="utf-8")
        return
    golden = dict(line.split() for line in path.read_text(encoding="utf-8").splitlines()
                  if line and not line.startswith("#"))
    for name, size in known:
        most = int(golden[name]) * (100 + GROWTH_PERCENT) // 100
        if size > most:
            raise Refused(f"{name} size {size}, {most} at most ({path.name} and {GROWTH_PERCENT} %)"
                          ". If it is meant, run again with --write and have the list reviewed")


def check(data, lab=False):
    """Refuses a bad module; returns its facts."""
    module = Module(data)
    if module.memory is None:
        raise Refused("no memory of its own")
    if lab and LAB_MARK not in data:
        raise Refused(f"the lab build lacks its mark {LAB_MARK.decode()}: "
                      "then nobody can prove that the product is not the lab build")
    if not lab and LAB_MARK in data:
        raise Refused(f"{LAB_MARK.decode()} found: this is a lab build, or has parts of one")
    names = [name for name, _index in module.imports] + [line.split()[0] for line in module.exports]
    if not lab and any("lab" in re.split(r"[._]", name) for name in names):
        raise Refused("an import or export of the lab build: a product has no switch for rules")
    return module


def main():
    parser = argparse.ArgumentParser(description="Checks the shape of a contract.")
    parser.add_argument("module", type=pathlib.Path)
    parser.add_argument("--chain", choices=sorted(CHAINS), default="sim")
    parser.add_argument("--lists", type=pathlib.Path)
    parser.add_argument("--lab", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    try:
        module = check(arguments.module.read_bytes(), arguments.lab)
        check_memory(module, CHAINS[arguments.chain])
        report(module, arguments.module, CHAINS[arguments.chain])
        if arguments.lists:
            lists, write = arguments.lists, arguments.write
            compare_list(module.import_lines(), lists / "imports.txt", "imports", write)
            compare_list(module.export_lines(), lists / "exports.txt", "exports", write)
            compare_sizes(module.data, lists / "sizes.txt", write)
    except Refused as refusal:
        print(f"{arguments.module}: refused: {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
