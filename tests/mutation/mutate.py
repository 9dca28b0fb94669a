#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Wakes the mutants of contract/core one by one and asks who notices.

    mutate.py BUILD [--sample N] [--file NAME.c] [--again FILE] [--jobs N] [--write] [--list FILE]

BUILD is a build folder that has `plimsoll` and the unit tests. All mutants are compiled once
(instrument.py); a program then runs with one of them awake. The killers, in the order of their
cost, and for each mutant only those that reach its place: the unit test of the mutant's own file,
every vector as a trace, fuzzed worlds as a trace, the vectors with their queries, scenarios as
traces, more worlds, every other unit test, the quick properties and exhaustive tests. A crash and
an endless loop kill too.

survivors.txt names each mutant that nobody kills, with the argument why no test can. One that is
not there is a failure, and so is one that is there and is killed, or is no longer made. --write
adds the new ones with the argument `?`, which fails until somebody has written one.

--sample N runs a fixed choice of N mutants (and checks survivors.txt for those only), --file one
source, --again those that survived when FILE was written by --list, and asks unit tests and
searches only: the others have not changed. --list writes who killed which. Without --sample it
takes the better part of an hour.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import relink

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SURVIVORS = HERE / "survivors.txt"
# The searches of a second or two; the others would take minutes for each mutant that lives.
NEW = ("unit", "property", "exhaustive")
SEARCHES = ("prop_fix", "prop_wide", "exhaust_wide", "prop_audit")
NATIVE = ["--engine", "native", "--quiet"]


@dataclass(frozen=True)
class Mutant:
    """A row of mutants.tsv."""
    number: int
    file: str
    line: int
    name: str  # what survivors.txt calls it: stable while its function stays as it is
    operator: str


def read_mutants(folder: Path) -> list[Mutant]:
    """All of them."""
    mutants = []
    for row in (folder / "mutants.tsv").read_text().splitlines():
        number, file, line, function, operator, was, now, which = row.split("\t")
        name = f"{function}: {operator}: {was} -> {now}" + (f" #{which}" if which != "1" else "")
        mutants.append(Mutant(int(number), file, int(line), name, operator))
    return mutants


class Killer:
    """A program that passes while no mutant is awake."""

    def __init__(self, name: str, words: list[str]) -> None:
        self.name = name
        self.words = words
        self.seconds = 0.0
        self.reached = b""

    def passes(self, number: int, seconds: float) -> bool:
        """With this mutant awake, within these seconds."""
        environment = dict(os.environ, PLM_MUTANT=str(number), ASAN_OPTIONS="detect_leaks=0")
        try:
            return subprocess.run(self.words, cwd=ROOT, env=environment, timeout=seconds,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  check=False).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def look(self, folder: Path) -> None:
        """Runs without a mutant: how long it takes and which places it reaches."""
        seen = folder / f"{self.name.replace(' ', '_')}.seen"
        began = time.monotonic()
        done = subprocess.run(self.words, cwd=ROOT, capture_output=True, check=False,
                              env=dict(os.environ, PLM_MUTANT_SEEN=str(seen)))
        self.seconds = time.monotonic() - began
        if done.returncode != 0:
            sys.exit(f"mutate: {self.name} fails without any mutant: {self.words}")
        data = seen.read_bytes()
        # A program that forks writes once a process.
        size = int((folder / "plm_mutant_count.h").read_text().split()[-1])
        parts = [data[i:i + size] for i in range(0, len(data), size)]
        self.reached = bytes(max(column) for column in zip(*parts))


def compile_all(build: relink.Build, folder: Path, jobs: int) -> dict[str, list[Path]]:
    """Every source with its mutants, in the form of the product and of the unit tests."""
    subprocess.run([sys.executable, str(HERE / "instrument.py"), str(folder)], check=True)
    objects: dict[str, list[Path]] = {"product": [], "unit": []}
    # A sanitizer slows down, and may stop at what only a sleeping mutant would compute. A place
    # beyond an array is found all the same.
    plain = ["-w", "-fno-sanitize=all", "-fsanitize=bounds", "-fsanitize-trap=bounds",
             "-fstrict-flex-arrays=3", f"-I{HERE}"]
    awake = folder / "plm_mutant.o"
    subprocess.run(["clang-22", "-O1", f"-I{folder}", "-c", str(HERE / "plm_mutant.c"), "-o",
                    str(awake)], check=True)
    with ThreadPoolExecutor(jobs) as pool:
        for form, found in objects.items():
            for source in sorted(folder.glob("plm_*.c")):
                out = folder / f"{form}_{source.stem}.o"
                found.append(out)
                pool.submit(build.compile, form, source.name, source, out,
                            plain + (["-DPLM_UNIT_TEST"] if form == "unit" else []))
    for form, found in objects.items():
        lacking = [path.name for path in found if not path.exists()]
        if lacking:
            sys.exit(f"mutate: not compiled: {', '.join(lacking)}")
        found.append(awake)
    return objects


def make_killers(build: relink.Build, folder: Path, objects: dict[str, list[Path]]) -> list[Killer]:
    """The programs, and the traces that the product itself has recorded."""
    program = str(build.folder / "plimsoll")
    mutated = folder / "plimsoll"
    build.link("plimsoll", objects["product"], mutated)
    replay = [str(mutated), "replay", *NATIVE]
    vectors = folder / "vectors"
    vectors.mkdir()
    subprocess.run([program, "vectors", str(ROOT / "tests" / "vectors"), *NATIVE, "--trace",
                    str(vectors)], check=True, stdout=subprocess.DEVNULL)
    joined = folder / "vectors.trace"
    joined.write_bytes(b"".join(path.read_bytes() for path in sorted(vectors.glob("*.trace"))))
    worlds = {}
    for name, seeds, operations in (("worlds", "1..10", "2000"),
                                    ("more worlds", "101..130", "3000")):
        worlds[name] = folder / f"{name.replace(' ', '_')}.trace"
        subprocess.run([program, "fuzz", "--seeds", seeds, "--operations", operations, *NATIVE,
                        "--no-audit", "--trace", str(worlds[name])], check=True,
                       stdout=subprocess.DEVNULL)
    played = folder / "scenarios.trace"
    with played.open("wb") as file:
        for path in sorted((ROOT / "tests" / "scenarios").glob("*.scn")):
            if not re.search(r"^\s*(play|crowd|without)\s", path.read_text(), re.M):
                trace = folder / "one.trace"
                subprocess.run([program, "run", "--no-audit", *NATIVE, "--trace", str(trace),
                                str(path)], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
                file.write(trace.read_bytes())
    killers = [Killer("vectors", [*replay, str(joined)]),
               Killer("worlds", [*replay, str(worlds["worlds"])]),
               Killer("queries", [str(mutated), "vectors", *NATIVE, str(ROOT / "tests/vectors")]),
               Killer("scenarios", [*replay, str(played)]),
               Killer("more worlds", [*replay, str(worlds["more worlds"])])]
    for path in sorted((ROOT / "tests" / "unit").glob("test_*.c")):
        if build.links(path.stem, "libplm_core_unit.a"):
            out = folder / path.stem
            build.link(path.stem, objects["unit"], out)
            killers.append(Killer(path.stem.replace("test_", "unit "), [str(out)]))
    for stem in SEARCHES:
        killers.append(make_search(build, folder, objects["product"], stem))
    return killers


def make_search(build: relink.Build, folder: Path, objects: list[Path], stem: str) -> Killer:
    """A property or an exhaustive test. Some take in the core, others compile parts of it."""
    out = folder / stem
    if any(build.links(stem, f"libplm_core{form}.a") for form in ("", "_checked")):
        build.link(stem, objects, out)
    else:
        build.link_own(stem, folder, ["-w", f"-I{HERE}", f"-I{folder}"], [objects[-1]], out)
    return Killer(stem.replace("prop_", "property ").replace("exhaust_", "exhaustive "), [str(out)])


def run_one(mutant: Mutant, killers: list[Killer]) -> tuple[Mutant, str]:
    """Who kills it: a killer's name, `nobody`, or `unreached`."""
    own = "unit " + mutant.file.removeprefix("plm_").removesuffix(".c")
    reaching = [k for k in killers if k.reached[mutant.number]]
    for killer in sorted(reaching, key=lambda k: (k.name != own, k.seconds)):
        if not killer.passes(mutant.number, 10 * killer.seconds + 5):
            return mutant, killer.name
    return mutant, "nobody" if reaching else "unreached"


def read_survivors() -> dict[tuple[str, str], str]:
    """{(file, name): argument}."""
    found = {}
    for line in SURVIVORS.read_text().splitlines():
        if line and not line.startswith("#"):
            file, name, argument = (part.strip() for part in line.split(" | "))
            found[file, name] = argument
    return found


def read_list(path: Path) -> set[tuple[str, str]]:
    """The survivors of an earlier run, as --list wrote them."""
    rows = [line.split("\t") for line in path.read_text().splitlines()]
    return {(row[1], row[5]) for row in rows if row[4] in ("nobody", "unreached")}


def judge(results: list[tuple[Mutant, str]], everything: bool, asked: list[Mutant],
          write: bool) -> int:
    """Compares the survivors with the list; returns the number of failures."""
    listed = read_survivors()
    alive = {(m.file, m.name): who for m, who in results if who in ("nobody", "unreached")}
    ran = {(m.file, m.name) for m in asked}
    new = [key for key in alive if key not in listed]
    dead = [key for key in listed if key in ran and key not in alive]
    made = {(m.file, m.name) for m in read_mutants_all}
    gone = [key for key in listed if everything and key not in made]
    unargued = [key for key, argument in listed.items() if argument == "?" and key in ran]
    for text, keys in (("survives and is not argued", new + unargued),
                       ("is argued in survivors.txt and is killed: take it out", dead),
                       ("is argued in survivors.txt and no longer made: take it out", gone)):
        for file, name in sorted(keys):
            print(f"{file}: {text}: {name}")
    if write and new:
        with SURVIVORS.open("a") as file:
            file.writelines(f"{key[0]} | {key[1]} | ?\n" for key in sorted(new))
    return len(new) + len(dead) + len(gone) + len(unargued)


read_mutants_all: list[Mutant] = []


def main() -> int:
    """Runs them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--file", default="")
    parser.add_argument("--again", type=Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--list", type=Path)
    options = parser.parse_args()
    build = relink.Build(options.build.resolve())
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        folder = Path(name)
        killers = make_killers(build, folder, compile_all(build, folder, options.jobs))
        if options.again:
            killers = [killer for killer in killers if killer.name.partition(" ")[0] in NEW]
        for killer in killers:
            killer.look(folder)
        mutants = read_mutants(folder)
        read_mutants_all[:] = mutants
        chosen = [m for m in mutants if options.file in ("", m.file)]
        if options.again:
            chosen = [m for m in chosen if (m.file, m.name) in read_list(options.again)]
        if options.sample:
            chosen = sorted(sorted(chosen, key=lambda m: hashlib.sha256(
                f"{m.file} {m.name}".encode()).digest())[:options.sample],
                            key=lambda m: m.number)
        results = []
        log = options.list.open("w") if options.list else None
        with ThreadPoolExecutor(options.jobs) as pool:
            for i, result in enumerate(pool.map(lambda m: run_one(m, killers), chosen)):
                results.append(result)
                if log:
                    mutant, who = result
                    log.write(f"{mutant.number}\t{mutant.file}\t{mutant.line}\t{mutant.operator}\t"
                              f"{who}\t{mutant.name}\n")
                    log.flush()
                if sys.stderr.isatty() and i % 20 == 0:
                    print(f"\r{i} of {len(chosen)}", end="", file=sys.stderr)
    failures = judge(results, chosen == mutants, chosen, options.write)
    for who, count in Counter(who.split(" ")[0] for _, who in results).most_common():
        print(f"  {who:12} {count}")
    alive = sum(who in ("nobody", "unreached") for _, who in results)
    print(f"mutate: {len(mutants)} mutants, {len(chosen)} tried, {len(chosen) - alive} killed, "
          f"{alive} survive, {failures} not argued or argued for nothing, "
          f"{time.monotonic() - began:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
