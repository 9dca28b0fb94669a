#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves the linear rules with Frama-C WP, and checks that false versions of them are refused.

    prove.py [--unit NAME] [--part rules|arithmetic|all] [--jobs N] [--verbose]

Each proof_<unit>.h and proof_<unit>.c holds contracts; the text that is proved is cut from
contract/core at run time, with the two rewritings of `written_out`. A function with a contract is
proved unless the comment before the contract says ASSUMED. false_versions.txt plants one bug each:
the property it names must then not be provable. README.md says what the result means.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
INSTALL = "apt-get install --no-install-recommends frama-c-base why3 z3 cvc4"
# unit -> the files whose contracts it proves, the sources it cuts from contract/core.
UNITS = {
    "fix": (("proof_wide.h", "proof_fix.h"), ()),
    "ledger": (("proof_ledger.h", "proof_ledger.c"), ("plm_ledger.c",)),
    "insurance": (("proof_insurance.c",), ("plm_insurance.c",)),
    "trade": (("proof_trade.c",), ("plm_op_trade.c",)),
    "gate": (("proof_gate.c",), ("plm_gate.c",)),
}
PARTS = {"arithmetic": ["fix"], "rules": [u for u in UNITS if u != "fix"], "all": list(UNITS)}
CONTRACT = re.compile(r"(?P<before>/\*[^@](?:(?!\*/).)*\*/\s*)?/\*@ (?:(?!\*/).)*\*/\s*"
                      r"(?P<head>[\w\s*]+?\b(?P<name>\w+)\([^;{#]*\);)", re.S)
ALIAS = re.compile(r"^    (?:const )?struct \w+ \*(\w+) = &(\w+->[\w.]+);\n", re.M)
EITHER = re.compile(r"^    plm_index \*(\w+) = (\w+) \? &([\w>.-]+) : &([\w>.-]+);\n"
                    r"    (const plm_err \w+ = )(\w+)\(\*\1, (.*?), \1\);", re.M | re.S)
EITHER_CALL = re.compile(r"^( +)(\w+)\(\s*(\w+) \? &([\w>.-]+) : &([\w>.-]+), ([^;]*)\);", re.M)
RESULT = re.compile(r"^\[wp\] \[([^\]]*)\] Goal typed_caveat_(\w+)(?: : (\w+))?", re.M)
TOTAL = re.compile(r"^\[wp\] Proved goals: +(\d+) / (\d+)", re.M)


def written_out(text):
    """The source with local aliases of a part of a record written out, and a pointer to one of two
    places made into two calls: the prover keeps records apart only where they go by one name."""
    functions = re.split(r"(?<=^}\n)", text, flags=re.M)
    for number, function in enumerate(functions):
        for alias in list(ALIAS.finditer(function)):
            rest = function.replace(alias.group(0), "")
            if not re.search(rf"\b{alias.group(1)}\b(?!->)", rest):
                function = re.sub(rf"\b{alias.group(1)}->", alias.group(2) + ".", rest)
        function = EITHER.sub(r"    \5\2 ? \6(\3, \7, &\3) : \6(\4, \7, &\4);", function)
        function = EITHER_CALL.sub(r"\1if (\3) {\1 \2(&\4, \6);\1} else {\1 \2(&\5, \6);\1}",
                                   function)
        functions[number] = function
    return "".join(functions)


def proved_functions(unit):
    """Names of the functions whose contracts the unit proves."""
    names = []
    for file in UNITS[unit][0]:
        for match in CONTRACT.finditer((HERE / file).read_text(encoding="utf-8")):
            if "ASSUMED" not in (match["before"] or "") and match["name"] != "plm_assert_fail":
                names.append(match["name"])
    return names


def false_versions(unit):
    """The planted bugs of a unit: (function, property, text, text instead)."""
    rows = []
    for line in (HERE / "false_versions.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            of, function, name, old, new = [part.strip() for part in re.split(r"\s\|\s", line)]
            if of == unit:
                rows.append((function, name, old, new))
    return rows


def planted(text, function, old, new):
    """The source with one text of a function replaced by another."""
    start = re.search(rf"^[^\n;]*\b{function}\((?:[^;{{]*)\)\n{{", text, re.M)
    if start is None:
        raise SystemExit(f"prove: {function} is not in the source")
    end = text.index("\n}\n", start.end())
    body = text[start.end():end]
    if body.count(old) != 1:
        raise SystemExit(f"prove: {function} has {body.count(old)} times '{old}', not once")
    return text[:start.end()] + body.replace(old, new) + text[end:]


class Prover:
    """Runs Frama-C on one unit in a folder of its own."""

    def __init__(self, unit, folder, options):
        self.unit = unit
        self.folder = folder
        self.options = options

    def sources(self):
        core = ROOT / "contract/core"
        return {name: (core / name).read_text(encoding="utf-8") for name in UNITS[self.unit][1]}

    def run(self, sources, functions, extra=()):
        """Goal -> verdict, and the counts that Frama-C states."""
        for name, text in sources.items():
            (self.folder / name).write_text(written_out(text), encoding="utf-8")
        includes = [self.folder, HERE, ROOT / "contract/core", ROOT / "contract/include",
                    ROOT / "abi"]
        cpp = " ".join(["'-D_Alignas(x)='", "-DPLM_WIDE_PORTABLE"] + [f"-I{i}" for i in includes])
        chosen = ["-wp-fct", ",".join(functions)] if functions else []
        command = ["frama-c", "-c11", "-machdep", "gcc_x86_64", f"-cpp-extra-args={cpp}",
                   "-wp", "-wp-rte", "-wp-model", "Caveat", "-wp-prover", self.options.provers,
                   "-wp-timeout", str(self.options.timeout), "-wp-par", str(self.options.jobs),
                   *chosen, *extra, str(HERE / f"proof_{self.unit}.c")]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        output = done.stdout + done.stderr
        if self.options.verbose:
            print(output)
        total = TOTAL.search(output)
        if done.returncode != 0 or total is None:
            print(output)
            raise SystemExit(f"prove: frama-c failed on {self.unit}")
        verdicts = {goal: verdict or by for by, goal, verdict in RESULT.findall(output)}
        return verdicts, int(total.group(1)), int(total.group(2))


def prove(prover):
    """Proves a unit as it is: (goals, proved)."""
    verdicts, proved, goals = prover.run(prover.sources(), proved_functions(prover.unit))
    if prover.unit == "fix":
        lemmas, also_proved, also = prover.run({}, [], ("-wp-prop", "@lemma"))
        verdicts, proved, goals = verdicts | lemmas, proved + also_proved, goals + also
    for goal, verdict in sorted(verdicts.items()):
        if verdict != "Valid":
            print(f"not proved: {prover.unit}: {goal}: {verdict}")
    return goals, proved


def refuse(prover):
    """Proves the named property of each false version: (refused, versions). One bug a function and
    run: a proof sees the other functions by their contracts only."""
    waiting = false_versions(prover.unit)
    refused = versions = 0
    while waiting:
        sources, rows, later = prover.sources(), [], []
        for row in waiting:
            if row[0] in [function for function, *_ in rows]:
                later.append(row)
                continue
            rows.append(row)
            for name, text in sources.items():
                if re.search(rf"\b{row[0]}\(", text):
                    sources[name] = planted(text, row[0], row[2], row[3])
        waiting = later
        names = ",".join(sorted({row[1] for row in rows}))
        verdicts, _, _ = prover.run(sources, [row[0] for row in rows], ("-wp-prop", names))
        for function, name, old, new in rows:
            goals = [g for g in verdicts if re.match(rf"{function}_(ensures|call\w*requires)_{name}"
                                                     r"(_part\d+)?$", g)]
            versions += 1
            if goals and any(verdicts[g] != "Valid" for g in goals):
                refused += 1
            else:
                print(f"false version proved: {function}: {name} with '{new}' for '{old}'")
    return refused, versions


def main():
    parser = argparse.ArgumentParser(description="Proves the linear rules with Frama-C WP.")
    parser.add_argument("--unit", choices=list(UNITS), help="only this unit")
    parser.add_argument("--part", choices=list(PARTS), default="all", help="which units")
    parser.add_argument("--jobs", type=int, default=2, help="provers that run at once")
    parser.add_argument("--timeout", type=int, default=5, help="seconds a goal")
    parser.add_argument("--provers", default="z3,cvc4", help="in this order")
    parser.add_argument("--verbose", action="store_true", help="what frama-c says")
    parser.add_argument("--no-false", action="store_true", help="skip the false versions")
    options = parser.parse_args()
    if shutil.which("frama-c") is None or shutil.which("why3") is None:
        print(f"skipped: frama-c is not installed; {INSTALL}")
        return 77
    goals = proved = refused = versions = 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WHY3CONFIG"] = str(pathlib.Path(folder) / "why3.conf")
        subprocess.run(["why3", "config", "detect"], capture_output=True, check=False)
        for unit in [options.unit] if options.unit else PARTS[options.part]:
            prover = Prover(unit, pathlib.Path(folder), options)
            unit_goals, unit_proved = prove(prover)
            unit_refused, unit_versions = (0, 0) if options.no_false else refuse(prover)
            goals, proved = goals + unit_goals, proved + unit_proved
            refused, versions = refused + unit_refused, versions + unit_versions
    print(f"proofs: {goals} goals, {proved} proved, {refused} false versions refused")
    return 0 if goals > 0 and proved == goals and refused == versions else 1


if __name__ == "__main__":
    sys.exit(main())
