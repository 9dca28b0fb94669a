#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests tidy.py, layers.py and spec.py: each finds the fault that was planted, and nothing else."""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


def in_core(body):
    return SPDX + "/* Above it. */\nvoid plm_x_f(int a)\n{\n" + body + "}\n"


class ToolTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.write("contract/README.md", "# The contract\n\n| layer | modules |\n| --- | --- |\n"
                   "| L0 | `plm_low` |\n| L1 | `plm_x` |\n| L2 | `plm_high` |\n"
                   "| L3 | `plm_op_*` |\n"
                   "\nModules that call the host: `plm_high`\n")
        self.write("contract/core/plm_x.h", SPDX + "#ifndef PLM_X_H\n#define PLM_X_H\n/* f */\n"
                   "void plm_x_f(int a);\n#endif\n")
        self.write("tests/unit/test_x.c", SPDX)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run_tool(self, tool, *arguments):
        done = subprocess.run([sys.executable, str(TOOLS / tool), "--root", str(self.root),
                               *arguments], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def expect_tidy(self, name, text, wanted):
        self.write(name, text)
        code, output = self.run_tool("tidy.py")
        checks = sorted(set(re.findall(r"\[(\w+)\]$", output, re.M)))
        self.assertEqual(checks, wanted, output)
        self.assertEqual(code, 1 if wanted else 0, output)

    def test_tidy_accepts_clean_code(self):
        self.expect_tidy("contract/core/plm_x.c", in_core("    (void)a;\n"), [])

    def test_tidy_ignores_comments_and_strings(self):
        body = '    /* float a / b % c goto */ const char *s = "a / b !(a || b)";\n'
        self.expect_tidy("contract/core/plm_x.c", in_core(body), [])

    def test_tidy_finds_each_fault(self):
        faults = {
            "    float b = 0;\n": ["banned"],
            "    p = malloc(3);\n": ["banned"],
            "#pragma once\n": ["banned"],
            "    a = a / 2;\n": ["division"],
            "    a %= 2;\n": ["division"],
            "    __int128 b = 0;\n": ["int128"],
            "    a = b->lots.lots;\n": ["unwrap"],
            "    a = b->wad;\n": ["unwrap"],
            "    if (!(a > 1 || a < 0)) {\n    }\n": ["decisions"],
            "    a = (b == true);\n": ["decisions"],
            "    a++;\n" * 71: ["length"],
            "    a = " + "1" * 100 + ";\n": ["columns"],
            "    a++; \n": ["blanks"],
            "    a++; /* TO" + "DO */\n": ["notes"],
        }
        for body, wanted in faults.items():
            with self.subTest(body):
                self.expect_tidy("contract/core/plm_x.c", in_core(body), wanted)

    def test_tidy_allows_arithmetic_where_it_belongs(self):
        self.write("contract/core/plm_wide.h", SPDX + "#ifndef PLM_W_H\n#define PLM_W_H\n#endif\n")
        self.write("tests/unit/test_wide.c", SPDX)
        self.expect_tidy("contract/core/plm_wide.c", in_core("    a = b.wad / 2;\n"), [])

    def test_tidy_finds_missing_twins_and_lines(self):
        self.expect_tidy("contract/core/plm_y.c", "int a;\n", ["spdx", "twins"])

    def test_tidy_finds_a_code_used_twice(self):
        self.expect_tidy("abi/errors.def", SPDX + "X(A, 1, INPUT, \"a\")\nX(B, 1, INPUT, \"b\")\n",
                         ["tables"])

    def test_tidy_finds_a_broken_link_and_a_second_title(self):
        self.expect_tidy("docs/PAGE.md", "# One\n\n[there](NOWHERE.md)\n\n# Two\n", ["pages"])
        self.expect_tidy("docs/PAGE.md", "# One\n\n[there](../contract/README.md#x)\n", [])

    def test_layers_accept_lower_and_refuse_others(self):
        cases = {
            '#include "plm_x.h"\n#include <plm/plm_low.h>\n#include <stdint.h>\n': "",
            '#include "plm_high.h"\n': "only strictly lower",
            '#include <stdio.h>\n': "not freestanding",
            '#include "plm_new.h"\n': "has no layer",
            'int f(void) { return plm_host_time(0); }\n': "calls the host",
            '/* plm_host_time(0) */\n': "",
        }
        for text, wanted in cases.items():
            with self.subTest(text):
                self.write("contract/core/plm_x.c", text)
                code, output = self.run_tool("layers.py")
                self.assertEqual(code, 1 if wanted else 0, output)
                self.assertIn(wanted, output)

    def test_layers_keep_the_edge_out_of_the_core(self):
        self.write("host_sim/sim_a.c", '#include "plm_x.h"\n')
        code, output = self.run_tool("layers.py")
        self.assertEqual(code, 1)
        self.assertIn("belongs to the core", output)

    def test_spec_follows_the_thread(self):
        self.write("docs/SPEC.md", "# Rules\n\n**[A-1]** implemented\n\n**[A-2]** planned\n")
        self.write("contract/core/plm_x.c", "/* [A-1] */\n")
        _, output = self.run_tool("spec.py", "--write")
        self.assertIn("[A-1] is implemented, but no test cites it", output)
        self.assertIn("[A-1] is implemented, but no vector shows it", output)
        self.assertNotIn("[A-2] is", output)
        self.write("tests/unit/test_x.c", "/* [A-1] */\n")
        self.write("tests/vectors/a.json", '{"cases": [{"id": "A-1-001", "rules": ["A-1"]}]}\n')
        self.write("tests/scenarios/0101_x.scn", "# Incident X. Rules A-1.\n")
        code, output = self.run_tool("spec.py", "--write")
        self.assertEqual(code, 0, output)
        self.assertIn("| A-1 | implemented | `plm_x.c` | scenarios, unit | 1 | 0101 |", output)
        self.write("contract/core/plm_y.c", "/* [A-1] */\n")
        code, output = self.run_tool("spec.py")
        self.assertIn("stale", output)
        self.run_tool("spec.py", "--write")
        code, output = self.run_tool("spec.py")
        self.assertEqual(code, 0, output)

    def test_spec_counts_no_vector_as_a_test(self):
        self.write("docs/SPEC.md", "# Rules\n\n**[A-1]** implemented\n")
        self.write("contract/core/plm_x.c", "/* [A-1] */\n")
        row = '{"id": "A-1-001", "rules": ["A-1", "A-9"]}'
        self.write("tests/vectors/a.json", f'{{"cases": [{row}]}}\n')
        code, output = self.run_tool("spec.py", "--write")
        self.assertEqual(code, 1)
        self.assertIn("no test cites it", output)
        self.assertIn("tests/vectors/a.json: A-1-001: A-9 is not in docs/SPEC.md", output)

    def test_spec_refuses_ids_that_do_not_exist(self):
        self.write("docs/SPEC.md", "# R\n\n<!-- rules: implemented unless planned -->\n\n[A-1] x\n")
        self.write("contract/core/plm_x.c", "/* [A-1, A-7] */\n")
        self.write("tests/unit/test_x.c", "/* [A-1] */\n")
        self.write("tests/vectors/a.json", '{"cases": [{"id": "A-1-001", "rules": ["A-1"]}]}\n')
        code, output = self.run_tool("spec.py", "--write")
        self.assertEqual(code, 1)
        self.assertIn("[A-7] is not in docs/SPEC.md", output)

    def test_rounding_holds_the_table_against_the_calls(self):
        self.write("contract/core/plm_x.c", "static plm_val\nfee_of(plm_val v)\n{\n"
                   "    return plm_fix_part_ceil(v, one);\n}\n")
        self.write("docs/ROUNDING.md", "| what | rule | called in | function | direction |\n")
        code, output = self.run_tool("rounding.py")
        self.assertEqual(code, 1)
        self.assertIn("no row for plm_fix_part_ceil in plm_x.c: fee_of", output)
        row = "| fee | A-1 | `fee_of` | `plm_fix_part_ceil` | up | us | none |\n"
        self.write("docs/ROUNDING.md", row)
        code, output = self.run_tool("rounding.py")
        self.assertEqual(code, 0, output)
        self.write("docs/ROUNDING.md", row + row.replace("fee_of", "gone"))
        code, output = self.run_tool("rounding.py")
        self.assertEqual(code, 1)
        self.assertIn("gone calls none of its row", output)

    def test_incidents_want_sources_controls_and_a_row(self):
        row = "| A-XX | 2020 | [0101](../tests/scenarios/0101_x.scn) |\n"
        good = ("# Incident A-XX: x. Sources: y. Rules A-1. Invariants I01. There is no switch.\n"
                "audit    all\n")
        self.write("docs/INCIDENTS.md", row)
        self.write("tests/scenarios/0101_x.scn", good)
        code, output = self.run_tool("incidents.py")
        self.assertEqual(code, 0, output)
        for part, wanted in (("Sources", "has no sources"), ("There is no switch", "no switch"),
                             ("audit    all", "audit all"), ("A-XX", "its row")):
            with self.subTest(part):
                self.write("tests/scenarios/0101_x.scn", good.replace(part, "B-YY" if part == "A-XX"
                                                                      else "-"))
                code, output = self.run_tool("incidents.py")
                self.assertEqual(code, 1)
                self.assertIn(wanted, output)


if __name__ == "__main__":
    unittest.main()
