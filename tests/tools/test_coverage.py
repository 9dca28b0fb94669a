#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests coverage.py: it names what is missing, and believes no exclusion that is not one."""
import contextlib
import io
import pathlib
import tempfile
import unittest

import coverage

FILE = coverage.CORE + "plm_x.c"
TEXT = """static int f(int a, int b)
{
    PLM_TRY(g(a, (b)));
    if (a && b) {
        return 1;
    }
    PLM_ASSERT(a || b);
    return 0;
}
"""


def record(counts, vectors):
    """A function's record as llvm-cov writes it: PLM_TRY's branch in its macro, and `a && b`."""
    branches = [[9, 9, 9, 20, *counts[0], 1, 0, 4],   # in plm_err.h, by the expansion at 3:5
                [4, 9, 4, 10, *counts[1], 0, 0, 6],
                [4, 14, 4, 15, *counts[2], 0, 0, 6],
                [7, 16, 7, 17, 0, 0, 0, 0, 6]]        # within an assertion: not counted
    regions = [[1, 1, 9, 2, 1, 0, 0, 0], [3, 5, 3, 12, 1, 0, 1, coverage.EXPANSION]]
    decision = [4, 9, 4, 15, 0, 0, 0, 0, 5, [False, False],
                [{"conditions": list(values), "executed": True, "result": result}
                 for values, result in vectors]]
    return {"name": "plm_x.c:f", "filenames": ["./build/" + FILE, "contract/include/plm/plm_err.h"],
            "regions": regions, "branches": branches, "mcdc_records": [decision]}


ALL = (((1, 1), (1, 1), (1, 1)),
       (((True, True), True), ((False, None), False), ((True, False), False)))


class CoverageTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.saved = coverage.ROOT, coverage.EXCLUSIONS
        coverage.ROOT = pathlib.Path(self.folder.name)
        coverage.EXCLUSIONS = coverage.ROOT / "exclusions.txt"
        coverage.Source.cache.clear()
        self.write(FILE, TEXT)
        self.write("contract/include/plm/plm_err.h", "\n" * 8 + "    if (plm_try_code != 0) {\n")
        self.exclude("")

    def tearDown(self):
        coverage.ROOT, coverage.EXCLUSIONS = self.saved
        coverage.Source.cache.clear()
        self.folder.cleanup()

    def write(self, name, text):
        path = coverage.ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def exclude(self, text):
        coverage.EXCLUSIONS.write_text(text, encoding="utf-8")

    def judge(self, *records, lines=((4, 1),)):
        """(exit status, what is printed) for these records, whose lines were run so often."""
        reached = coverage.Reached()
        for one in records:
            reached.add_function(record(*one))
        counts = "\n".join(f"DA:{number},{count}" for number, count in lines)
        reached.add_lines(f"SF:./build/{FILE}\n{counts}\n")
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status = coverage.report(reached, False)
        return status, output.getvalue()

    def test_everything_reached_is_a_hundred_in_the_hundred(self):
        status, output = self.judge(ALL)
        self.assertEqual(status, 0, output)
        self.assertIn("branches 100.00 %: 6 of 6, 0 excluded", output)
        self.assertIn("MC/DC 100.00 %: 2 of 2, 0 excluded", output)

    def test_a_missing_arm_is_named_by_the_call(self):
        status, output = self.judge((((0, 1), (1, 1), (1, 1)), ALL[1]))
        self.assertEqual(status, 1)
        self.assertIn(f"{FILE}:3: f: never error: PLM_TRY(g(a, (b)))", output)

    def test_a_line_that_never_ran_is_named(self):
        status, output = self.judge(ALL, lines=((4, 1), (5, 0)))
        self.assertEqual(status, 1)
        self.assertIn(f"{FILE}:5: f: never line: return 1;", output)

    def test_both_outcomes_do_not_yet_show_that_a_condition_decides(self):
        both = (((True, True), True), ((False, None), False))
        status, output = self.judge((ALL[0], both))
        self.assertEqual(status, 1)
        self.assertIn(f"{FILE}:4: f: never mcdc: b", output)
        self.assertNotIn("never mcdc: a\n", output)

    def test_two_changes_at_once_show_nothing(self):
        pair = {((True, True), True), ((False, False), False)}
        self.assertFalse(coverage.shown(pair, 0))
        self.assertFalse(coverage.shown(pair, 1))

    def test_copies_of_a_function_are_one(self):
        first = (((1, 0), (1, 0), (1, 0)), (((True, True), True),))
        second = (((0, 1), (1, 1), (0, 1)), (((False, None), False), ((True, False), False)))
        self.assertEqual(self.judge(first)[0], 1)
        self.assertEqual(self.judge(first, second)[0], 0)

    def test_an_exclusion_excuses_one_place_and_is_counted_apart(self):
        self.exclude('plm_x.c: f  error  "PLM_TRY(g(a, (b)))"  [caller] it was asked before\n')
        status, output = self.judge((((0, 1), (1, 1), (1, 1)), ALL[1]))
        self.assertEqual(status, 0, output)
        self.assertIn("branches 100.00 %: 5 of 5, 1 excluded", output)
        self.assertIn("exclusions by kind: caller 1", output)

    def test_an_exclusion_of_what_is_reached_or_gone_is_an_error(self):
        for text in ("PLM_TRY(g(a, (b)))", "PLM_TRY(gone())"):
            self.exclude(f'plm_x.c: f  error  "{text}"  [caller] it was asked before\n')
            status, output = self.judge(ALL)
            self.assertEqual(status, 1)
            self.assertIn("delete the entry", output)

    def test_an_exclusion_needs_its_reason(self):
        self.exclude('plm_x.c: f  error  "PLM_TRY(g(a, (b)))"  [caller]\n')
        with self.assertRaises(SystemExit):
            self.judge(ALL)


if __name__ == "__main__":
    unittest.main()
