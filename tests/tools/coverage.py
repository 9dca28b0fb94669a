#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the tests reach of contract/core: lines, branches and MC/DC, one hundred in the hundred.

    coverage.py --build FOLDER [--cmake CMAKE] [--jobs N] [--levels] [--seconds] [--draft]

Runs the unit tests of the core, its properties, the vectors, and the scenarios with and without the
fault loop, in a build of the preset `coverage`; --cmake configures and builds that folder first.
Prints a table by file, and what is missing, place by place. What cannot be reached stands in
coverage_exclusions.txt, one entry a place, each with its reason: it is counted apart, and an entry
that is reached after all, or that names nothing, is an error too. --draft prints what is missing as
entries without a reason; --levels what each level of tests reaches by itself.

How it counts. A branch is one outcome of one condition: the error arm of PLM_TRY is one. An
assertion is a call in this build and no branch; what is written inside it is not counted, but its
line is. A decision of several conditions needs for each of them a pair of runs that differ in it
alone and in the result (unique cause, with the operators' short cut); the pairs are sought among
all runs of all copies of an inline function together. A function of a header is one function,
however many files include it. plm_wide is measured in all its forms: with the machine's products,
with those of halves of limbs, which is what the contract has, and at limbs of four bits.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORE = "contract/core/"
EXCLUSIONS = ROOT / "tests/tools/coverage_exclusions.txt"
# Not rules: the assertion itself, and the switch of the lab, a constant in every product build.
UNCOUNTED_FILES = {"plm_assert.h", "plm_lab.h"}
ASSERTIONS = ("PLM_ASSERT", "PLM_AUDIT", "PLM_INVARIANT")
KINDS = ("caller", "invariant", "lab", "range", "table")
WHATS = ("line", "true", "false", "error", "mcdc")
ENTRY = re.compile(r'(?P<file>\S+): (?P<function>\S+)\s+(?P<what>\w+)\s+"(?P<text>.*?)"\s+'
                   r'\[(?P<kind>\w+)\] (?P<reason>.+)')
# Programs built from plm_wide alone in other forms, by halves of limbs and at limbs of four bits:
# measured apart, because their functions are others under the same names, then joined by line.
ALONE = ["exhaust_wide", "prop_wide_portable"]
# What a program is told, so that it takes seconds: coverage needs each place once.
SHORTER = {"prop_ledger": ["3000"]}
# Levels of tests, by the names of their profiles.
RUNNER = "plimsoll"
PLAYED = ("vectors", "scenario.", "faults.")
LEVELS = {"unit tests": ["test_*"], "properties and exhaustive": ["prop_*", "exhaust_*"],
          "vectors": ["vectors*"], "scenarios and their faults": ["scenario.*", "faults.*"]}
COLUMNS = ("lines", "branches", "MC/DC")
EXPANSION = 1    # kinds of regions and branches in llvm-cov's form
MCDC_BRANCH = 6


def run(command: list[str], **keywords) -> subprocess.CompletedProcess:
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT,
                          stdin=subprocess.DEVNULL, **keywords)


def must(command: list[str]) -> str:
    done = run(command)
    if done.returncode != 0:
        sys.exit(f"coverage: {' '.join(command[:4])} ... failed:\n"
                 f"{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


# ---- what is run ----

def targets() -> list[str]:
    """The programs that speak for the core: a unit test a core file, and the properties."""
    stems = {path.stem.removeprefix("plm_") for path in (ROOT / CORE).glob("plm_*.[ch]")}
    units = [path.stem for path in sorted((ROOT / "tests/unit").glob("test_*.c"))
             if path.stem.removeprefix("test_") in stems]
    return [*ALONE, "prop_fix", "prop_wide", "prop_ledger", *units, "plimsoll"]


def scenario_arguments(path: pathlib.Path) -> list[str] | None:
    """The arguments of its `# run:` lines; None where it needs market data or hours."""
    words = " ".join(re.findall(r"^# run: (.*)$", path.read_text("utf-8"), re.M)).split()
    return None if "long" in words or any("$SHARED" in word for word in words) else words


def commands(build: pathlib.Path) -> list[tuple[str, list[str]]]:
    """(name, command) of each run; the long ones first, so that two jobs end together."""
    plimsoll = str(build / "plimsoll")
    runs = [(name, [str(build / name), *SHORTER.get(name, [])])
            for name in targets() if name != "plimsoll"]
    runs.append(
        ("vectors", [plimsoll, "vectors", "--engine", "native", "--quiet", "tests/vectors"]))
    for path in sorted((ROOT / "tests/scenarios").glob("*.scn")):
        arguments = scenario_arguments(path)
        if arguments is None:
            continue
        play = [plimsoll, "run", "--engine", "native", "--quiet", *arguments, str(path)]
        runs.append((f"scenario.{path.stem}", play))
        if not re.search(r"^\s*(play|crowd)\s", path.read_text("utf-8"), re.M):
            runs.append((f"faults.{path.stem}", [*play, "--fault-loop"]))
    return runs


def collect(build: pathlib.Path, jobs: int, show_seconds: bool) -> None:
    """Runs everything; each run leaves its profile in the folder profile/."""
    folder = build / "profile"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.profraw"):
        old.unlink()
    failed = []

    def one(name: str, command: list[str]) -> None:
        started = time.monotonic()
        environment = dict(os.environ, LLVM_PROFILE_FILE=str(folder / f"{name}.profraw"))
        done = run(command, env=environment)
        if done.returncode not in (0, 77):
            failed.append(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        if show_seconds:
            print(f"{time.monotonic() - started:8.2f} s  {name}")

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(one, *entry) for entry in commands(build)]
        for at, future in enumerate(concurrent.futures.as_completed(waiting), 1):
            future.result()
            if sys.stderr.isatty():
                print(f"\rcoverage: {at} of {len(waiting)} runs", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if failed:
        sys.exit("coverage: a test fails, so that nothing is said about coverage:\n"
                 + "\n".join(failed))


# ---- what was reached ----

class Source:
    """A file's text, and the names its places have in an exclusion."""

    cache: dict[str, "Source"] = {}

    def __init__(self, name: str):
        self.lines = (ROOT / name).read_text("utf-8").split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.text = "\n".join(self.lines)
        self.asserted = []
        for match in re.finditer(r"\b(?:%s)\(" % "|".join(ASSERTIONS), self.text):
            self.asserted.append((match.start(), self.closing(match.end() - 1)))

    @classmethod
    def of(cls, name: str) -> "Source":
        if name not in cls.cache:
            cls.cache[name] = cls(name)
        return cls.cache[name]

    def closing(self, position: int) -> int:
        depth = 0
        for at in range(position, len(self.text)):
            depth += {"(": 1, ")": -1}.get(self.text[at], 0)
            if depth == 0:
                return at + 1
        return len(self.text)

    def at(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column - 1

    def span(self, place: tuple[int, int, int, int]) -> str:
        """The text of a place; that of a macro's name goes on to the end of its arguments."""
        start, end = self.at(*place[:2]), self.at(*place[2:])
        text = self.text[start:end]
        if re.fullmatch(r"!?[A-Z][A-Z0-9_]*", text) and self.text[end:end + 1] == "(":
            text = self.text[start:self.closing(end)]
        return " ".join(text.split())

    def is_asserted(self, place: tuple[int, int, int, int]) -> bool:
        position = self.at(*place[:2])
        return any(start <= position < end for start, end in self.asserted)


class Reached:
    """Branches, decisions and lines, joined over all programs and all copies of a function."""

    def __init__(self):
        self.branches = collections.defaultdict(lambda: [0, 0])
        self.decisions = collections.defaultdict(set)
        self.conditions = collections.defaultdict(dict)
        self.lines = {}
        self.functions = {}

    def add_function(self, record: dict) -> None:
        names = [relative(name) for name in record["filenames"]]
        home = names[0]
        if not is_counted(home):
            return
        name = re.split(r"[:;]", record["name"])[-1]
        first = record["regions"][0]
        self.functions[home, name] = (first[0], first[2])
        sites = {region[6]: (region[5], tuple(region[:4]))
                 for region in record["regions"] if region[7] == EXPANSION}

        def climb(file: int, place: tuple) -> tuple:
            """The place in the function's own file, and the path that leads into a macro."""
            path = []
            while file in sites:
                path.append((names[file], *place))
                file, place = sites[file]
            return place, tuple(reversed(path))

        for branch in record["branches"]:
            place, path = climb(branch[6], tuple(branch[:4]))
            if Source.of(home).is_asserted(place) or is_constant(names[branch[6]], branch):
                continue
            counts = self.branches[home, name, place, path]
            counts[0] += branch[4]
            counts[1] += branch[5]
        for decision in record["mcdc_records"]:
            place, path = climb(decision[6], tuple(decision[:4]))
            if Source.of(home).is_asserted(place):
                continue
            conditions = [climb(branch[6], tuple(branch[:4])) for branch in record["branches"]
                          if branch[8] == MCDC_BRANCH]
            inside = sorted(spot for spot, _path in conditions
                            if place[:2] <= spot[:2] and spot[2:] <= place[2:])
            key = home, name, place, path
            if len(inside) != len(decision[9]):
                sys.exit(f"coverage: {home}:{place[0]}: {len(inside)} of {len(decision[9])} "
                         "conditions are seen where they stand: no macro may hold a decision")
            self.conditions[key] = inside
            for vector in decision[10]:
                if vector["executed"]:
                    self.decisions[key].add((tuple(vector["conditions"]), vector["result"]))
            self.decisions[key] |= set()

    def add_lines(self, text: str) -> None:
        """The counts of llvm-cov's lcov form."""
        name = ""
        for line in text.split("\n"):
            if line.startswith("SF:"):
                name = relative(line[3:])
            elif line.startswith("DA:") and is_counted(name):
                number, count = line[3:].split(",")[:2]
                key = name, int(number)
                if Source.of(name).lines[key[1] - 1].startswith("#"):
                    continue  # a table's row is counted where it is used, as a branch
                self.lines[key] = self.lines.get(key, 0) + int(count)

    def function_of(self, file: str, line: int) -> str:
        for (home, name), (first, last) in self.functions.items():
            if home == file and first <= line <= last:
                return name
        return "-"


def relative(name: str) -> str:
    """Paths in a profile begin with ./ or with the folder the compiler ran in."""
    match = re.search(r"(?:^|/)((?:contract|abi|tests|host_sim)/.*)", name)
    return match[1] if match else name


def is_counted(name: str) -> bool:
    return name.startswith(CORE) and name.removeprefix(CORE) not in UNCOUNTED_FILES


def is_constant(file: str, branch: list) -> bool:
    """The end of a macro's do { ... } while (0) is no decision."""
    return Source.of(file).span(tuple(branch[:4])).isdigit()


def shown(vectors: set, index: int) -> bool:
    """Whether condition `index` alone was seen to change the result."""
    rows = [(values, result) for values, result in vectors if values[index] is not None]
    for values, result in rows:
        for others, other in rows:
            if result and not other and values[index] != others[index] and all(
                    at == index or a is None or b is None or a == b
                    for at, (a, b) in enumerate(zip(values, others))):
                return True
    return False


def measure(build: pathlib.Path, names: list[str]) -> Reached:
    """What the runs whose profiles match one of the names reached."""
    reached = Reached()
    groups = [[name for name in targets() if name not in ALONE], *([name] for name in ALONE)]
    for group in groups:
        alone = group[0] if group[0] in ALONE else None
        profiles = [str(path) for path in sorted((build / "profile").glob("*.profraw"))
                    if (path.stem == alone if alone else path.stem not in ALONE)
                    and any(fnmatch.fnmatch(path.stem, name) for name in names)]
        if not profiles:
            continue
        data = str(build / f"coverage_{group[-1]}.profdata")
        must(["llvm-profdata-22", "merge", "-sparse", *profiles, "-o", data])
        programs = {RUNNER if stem.startswith(PLAYED) else stem
                    for stem in (pathlib.Path(path).stem for path in profiles)}
        objects = [word for name in group if name in programs
                   for word in ("-object", str(build / name))][1:]
        arguments = [*objects, f"-instr-profile={data}"]
        exported = run(["llvm-cov-22", "export", *arguments])
        if exported.returncode != 0 or "mismatched" in exported.stderr:
            sys.exit(f"coverage: llvm-cov export: {exported.stderr[-2000:]}\n"
                     "Delete the build folder and build again.")
        for record in json.loads(exported.stdout)["data"][0]["functions"]:
            reached.add_function(record)
        reached.add_lines(must(["llvm-cov-22", "export", "-format=lcov", *arguments]))
    return reached


# ---- what is missing ----

Place = collections.namedtuple("Place", "file line function what text")


def places(reached: Reached) -> tuple[list[Place], dict]:
    """Everything that was not reached, and the totals by file: reached and all, of each kind."""
    totals = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
    missing = []

    def count(file: str, kind: str, is_reached: bool, place: Place) -> None:
        entry = totals[file][kind]
        entry[0] += 1 if is_reached else 0
        entry[1] += 1
        if not is_reached:
            missing.append(place)

    for (file, number), times in sorted(reached.lines.items()):
        text = " ".join(Source.of(file).lines[number - 1].split())
        count(file, "lines", times > 0,
              Place(file, number, reached.function_of(file, number), "line", text))
    for (file, name, place, path), counts in sorted(reached.branches.items()):
        text = Source.of(file).span(place)
        inner = ""
        if path and text.startswith('"'):  # a table's rows: the row says more than its name
            inner = " / " + Source.of(path[-1][0]).span(path[-1][1:])
        for at, what in enumerate(("true", "false")):
            if text.startswith("PLM_TRY("):
                what = "error" if what == "true" else what
            count(file, "branches", counts[at] > 0,
                  Place(file, place[0], name, what, text + inner))
    for key, vectors in sorted(reached.decisions.items()):
        file, name, place, _path = key
        for index, condition in enumerate(reached.conditions[key]):
            text = Source.of(file).span(condition)
            count(file, "MC/DC", shown(vectors, index),
                  Place(file, place[0], name, "mcdc", text))
    return missing, totals


def exclusions() -> dict:
    """(file, function, what, text) -> [kind, ...]: one for each entry."""
    found = collections.defaultdict(list)
    for number, line in enumerate(EXCLUSIONS.read_text("utf-8").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        match = ENTRY.fullmatch(line)
        if match is None or match["what"] not in WHATS or match["kind"] not in KINDS:
            sys.exit(f'{EXCLUSIONS.name}:{number}: not of the form  file: function  WHAT  "text"  '
                     f"[kind] reason  with WHAT of {' '.join(WHATS)}, kind of {' '.join(KINDS)}")
        found[CORE + match["file"], match["function"], match["what"],
              match["text"]].append(match["kind"])
    return found


def print_table(totals: dict, taken: dict) -> dict:
    """Prints a row for each file, and returns all of them together: reached, all and excluded."""
    print(f"{'file':24}" + "".join(f"{name:>14}{'excluded':>10}" for name in COLUMNS))
    whole = {name: [sum(totals[file][name][0] for file in totals),
                    sum(totals[file][name][1] for file in totals),
                    sum(taken[file][name] for file in totals)] for name in COLUMNS}
    rows = [(file.removeprefix(CORE), {name: [*totals[file][name], taken[file][name]]
                                       for name in COLUMNS}) for file in sorted(totals)]
    for title, row in [*rows, ("all", whole)]:
        cells = "".join(f"{f'{hit}/{of - out}':>14}{out or '':>10}"
                        for hit, of, out in row.values())
        print(f"{title:24}{cells}")
    return whole


def report_levels(build: pathlib.Path) -> None:
    """What each level reaches by itself of all that can be reached."""
    excused = collections.Counter()
    for (_file, _function, what, _text), kinds in exclusions().items():
        excused[{"line": "lines", "mcdc": "MC/DC"}.get(what, "branches")] += len(kinds)
    _missing, totals = places(measure(build, ["*"]))
    for level, names in LEVELS.items():
        _missing, own = places(measure(build, names))
        shares = []
        for name in COLUMNS:
            hit = sum(own[file][name][0] for file in own)
            of = sum(totals[file][name][1] for file in totals) - excused[name]
            shares.append(f"{name} {100 * hit / max(1, of):.2f} %")
        print(f"coverage: {level} alone: {', '.join(shares)}")


def report(reached: Reached, is_draft: bool) -> int:
    missing, totals = places(reached)
    excused = exclusions()
    unused = {key: list(kinds) for key, kinds in excused.items()}
    taken = collections.defaultdict(lambda: collections.Counter())
    kinds = collections.Counter()
    open_places = []
    for place in missing:
        key = place.file, place.function, place.what, place.text
        if unused.get(key):
            kinds[unused[key].pop()] += 1
            column = {"line": "lines", "mcdc": "MC/DC"}.get(place.what, "branches")
            taken[place.file][column] += 1
        else:
            open_places.append(place)
    stale = [(key, len(left)) for key, left in unused.items() if left]

    for name, (hit, of, out) in print_table(totals, taken).items():
        print(f"coverage: {name} {100 * hit / max(1, of - out):.2f} %: {hit} of {of - out}, "
              f"{out} excluded")
    print("coverage: exclusions by kind: "
          + (", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items())) or "none"))
    for place in open_places:
        name = place.file.removeprefix(CORE)
        if is_draft:
            print(f'{name}: {place.function}  {place.what}  "{place.text}"  [] ')
        else:
            print(f"{place.file}:{place.line}: {place.function}: never {place.what}: {place.text}")
    for (file, function, what, text), number in stale:
        print(f'{EXCLUSIONS.name}: {file.removeprefix(CORE)}: {function}  {what}  "{text}": '
              f"reached, or no such place ({number}): delete the entry")
    if open_places:
        print(f"coverage: {len(open_places)} places are not reached: write a test, or name them in "
              f"{EXCLUSIONS.relative_to(ROOT)} with the reason")
    return 1 if open_places or stale else 0


def configure(cmake: str, build: pathlib.Path, jobs: int) -> None:
    must([cmake, "--preset", "coverage", "-B", str(build)])
    must([cmake, "--build", str(build), "--parallel", str(jobs), "--target", *targets()])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True,
                        help="the folder of a build with PLIMSOLL_COVERAGE")
    parser.add_argument("--cmake", help="configure and build the folder first, with this cmake")
    parser.add_argument("--jobs", type=int, default=2, help="programs at a time (default 2)")
    parser.add_argument("--levels", action="store_true",
                        help="print also what each level of tests reaches by itself")
    parser.add_argument("--seconds", action="store_true", help="print the seconds of each run")
    parser.add_argument("--draft", action="store_true", help="print what is missing as entries")
    parser.add_argument("--again", action="store_true", help="judge the profiles of the last run")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    if arguments.cmake:
        configure(arguments.cmake, build, arguments.jobs)
    if not (build / "plimsoll").exists():
        sys.exit(f"coverage: {build} has no plimsoll: cmake --preset coverage && "
                 "cmake --build --preset coverage")
    if not arguments.again:
        collect(build, arguments.jobs, arguments.seconds)
    if arguments.levels:
        report_levels(build)
    return report(measure(build, ["*"]), arguments.draft)


if __name__ == "__main__":
    sys.exit(main())
