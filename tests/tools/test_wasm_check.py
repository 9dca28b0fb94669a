#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests wasm_check.py with tiny hand-made modules: one is good, each other has one fault."""
import pathlib
import subprocess
import tempfile
import unittest

import wasm_check

GOOD = """(module
  (import "env" "get" (func $get (param i32) (result i32)))
  (memory 1) (export "memory" (memory 0))
  (table 1 1 funcref) (elem (i32.const 0) $twice)
  (global (mut i32) (i32.const 7))
  (data (i32.const 16) "hello")
  (type $unary (func (param i32) (result i32)))
  (func $twice (param i32) (result i32) (local i64 i64)
    (block (loop (br_if 1 (i32.eqz (local.get 0))) (br_table 0 1 (i32.const 1))))
    (drop (i64.extend_i32_u (memory.size)))
    (drop (i64.const -9223372036854775808))
    (i64.store offset=70000 (i32.const 8) (i64.load (i32.const 0)))
    (call_indirect (type $unary) (call $get (local.get 0)) (i32.const 0)))
  (export "twice" (func $twice)))"""


def wat(body):
    return f"(module (memory 1) {body})"


FAULTS = {
    "float in a parameter": wat("(func (param f32))"),
    "float in the locals": wat("(func (local f64))"),
    "float in a global": wat("(global f32 (f32.const 1))"),
    "float opcode 0x44": wat("(func (drop (f64.const 1)))"),
    "float opcode 0x2a": wat("(func (drop (f32.load (i32.const 0))))"),
    "float block type": wat("(func (drop (block (result f32) unreachable)))"),
    "multi-value block type": wat("(func (i32.const 1) (block (param i32) drop))"),
    "several results": wat("(func (result i32 i32) unreachable)"),
    "memory.grow": wat("(func (drop (memory.grow (i32.const 1))))"),
    "sign extension": wat("(func (drop (i32.extend8_s (i32.const 1))))"),
    "bulk memory": wat("(func (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)))"),
    "saturating": wat("(func (param i32) (drop (i32.trunc_sat_f32_s (unreachable))))"),
    "reference types": wat("(table $t 1 funcref) (func (drop (table.get $t (i32.const 0))))"),
    "start function": wat("(func $f) (start $f)"),
    "101 locals": wat("(func (local " + "i32 " * 101 + "))"),
    "no memory": "(module)",
    "is no function": '(module (import "env" "memory" (memory 1)))',
    "passive": wat('(data "abc")'),
    "switch for rules": '(module (import "env" "lab_rules" (func (result i64))) (memory 1))',
    "lab build": wat('(data (i32.const 0) "x PLM_LAB_BUILD")'),
}


def assemble(text):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "m.wat"
        target = pathlib.Path(folder) / "m.wasm"
        source.write_text(text, encoding="utf-8")
        subprocess.run(["wat2wasm", str(source), "-o", str(target)], check=True)
        return target.read_bytes()


class WasmCheckTest(unittest.TestCase):
    def test_a_good_module_is_accepted(self):
        module = wasm_check.check(assemble(GOOD))
        self.assertEqual(module.import_lines(), ["env.get (i32) -> i32"])
        self.assertEqual(module.export_lines(), ["memory memory", "twice (i32) -> i32"])
        self.assertEqual(module.locals, [2])
        self.assertEqual(module.data_bytes, 5)

    def test_each_fault_is_refused_for_its_own_reason(self):
        for reason, text in FAULTS.items():
            with self.subTest(reason):
                with self.assertRaisesRegex(wasm_check.Refused, reason):
                    wasm_check.check(assemble(text))

    def test_each_chain_has_its_own_memory(self):
        sim, cosmwasm = wasm_check.CHAINS["sim"], wasm_check.CHAINS["cosmwasm"]
        wasm_check.check_memory(wasm_check.check(assemble("(module (memory 4 4))")), sim)
        wasm_check.check_memory(wasm_check.check(assemble("(module (memory 16))")), cosmwasm)
        for text, chain, reason in [("(module (memory 5 5))", sim, "memory of 5 pages"),
                                    ("(module (memory 4))", sim, "without a maximum"),
                                    ("(module (memory 17))", cosmwasm, "memory of 17 pages"),
                                    ("(module (memory 4 4))", cosmwasm, "with a maximum")]:
            with self.subTest(reason), self.assertRaisesRegex(wasm_check.Refused, reason):
                wasm_check.check_memory(wasm_check.check(assemble(text)), chain)

    def test_a_hundred_locals_are_accepted(self):
        wasm_check.check(assemble(wat("(func (local " + "i64 " * 100 + "))")))

    def test_a_custom_section_is_refused(self):
        with self.assertRaisesRegex(wasm_check.Refused, "custom section 'name'"):
            wasm_check.check(assemble(wat("")) + b"\0\x05\x04name")

    def test_an_overlong_call_indirect_is_refused(self):
        plain = assemble(wat("(table 1 funcref) (func (call_indirect (i32.const 0)))"))
        short = b"\x41\x00\x11\x00\x00\x0b"
        self.assertIn(short, plain)
        code = b"\x01\x0b\x00\x41\x00\x11\x00\x80\x80\x80\x80\x00\x0b"
        start = plain.index(b"\x0a", plain.index(b"\x03\x02"))
        overlong = plain[:start] + b"\x0a" + bytes([len(code)]) + code
        with self.assertRaisesRegex(wasm_check.Refused, "overlong call_indirect"):
            wasm_check.check(overlong)

    def test_a_truncated_module_is_refused(self):
        whole = assemble(GOOD)
        accepted = []
        for length in range(len(whole)):
            try:
                wasm_check.check(whole[:length])
                accepted.append(length)
            except wasm_check.Refused:
                pass
        # One cut leaves a whole module: the one just before the last section, the data.
        self.assertEqual(accepted, [len(whole) - 13])

    def test_the_lab_build_must_carry_its_mark(self):
        with self.assertRaisesRegex(wasm_check.Refused, "lacks its mark"):
            wasm_check.check(assemble(GOOD), lab=True)
        wasm_check.check(assemble(FAULTS["lab build"]), lab=True)

    def test_lists_are_compared_both_ways(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "imports.txt"
            path.write_text("# comment\nenv.a () -> ()\n", encoding="utf-8")
            wasm_check.compare_list(["env.a () -> ()"], path, "imports", False)
            with self.assertRaisesRegex(wasm_check.Refused, "not in the list: env.b"):
                both = ["env.a () -> ()", "env.b () -> ()"]
                wasm_check.compare_list(both, path, "imports", False)
            with self.assertRaisesRegex(wasm_check.Refused, "missing: env.a"):
                wasm_check.compare_list([], path, "imports", False)

    def test_growth_of_more_than_a_twentieth_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            golden = pathlib.Path(folder) / "sizes.txt"
            golden.write_text("raw 100\nbrotli 1000\n", encoding="utf-8")
            wasm_check.compare_sizes(bytes(105), golden, False)
            with self.assertRaises(wasm_check.Refused):
                wasm_check.compare_sizes(bytes(106), golden, False)


if __name__ == "__main__":
    unittest.main()
