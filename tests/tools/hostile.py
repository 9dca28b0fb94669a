#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile files: each must end in a sentence that says where, what, and what to do, and in exit
status 1 or 2. Nothing crashes, nothing half-written is called a success.

hostile.py PLIMSOLL: runs the program on files made in a temporary folder."""
import gzip
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HEADER = "timestamp_s,open,high,low,close,volume\n"
BARS = "1000,100,101,99,100,1\n1060,100,101,99,100,1\n"
GOOD = "quote USDC decimals 6\nmarket M\naccount a cross\ndeposit a 1_000 USDC -> ok\naudit all\n"
PLAY = ("quote USDC decimals 6\nmarket M age 3600s gap 7200s unbacked\nprice M 100 -> ok\n"
        "play M\naudit all\n")
# Whatever goes wrong, none of this may be said.
CRASH = re.compile(r"Sanitizer|runtime error|[Aa]ssertion|panic|Segmentation|core dumped|%[sdu]")
TIMEOUT = 60
MEBIBYTE = 1 << 20


class Suite:
    def __init__(self, program, folder):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.failures = []
        self.count = 0

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def run(self, arguments):
        return subprocess.run([self.program, *arguments], cwd=self.folder, capture_output=True,
                              timeout=TIMEOUT, check=False)

    def expect(self, what, arguments, said, statuses=(1, 2)):
        """The command fails, and stderr says `said` (a regular expression)."""
        self.count += 1
        done = self.run(arguments)
        errors = done.stderr.decode("utf-8", "replace")
        if done.returncode not in statuses:
            self.fail(what, arguments, f"exit status {done.returncode}", errors)
        elif not re.search(said, errors):
            self.fail(what, arguments, f"stderr does not say /{said}/", errors)
        elif CRASH.search(errors):
            self.fail(what, arguments, "it crashed", errors)

    def expect_good(self, what, arguments):
        """The control: the same with a sound file succeeds."""
        self.count += 1
        done = self.run(arguments)
        if done.returncode != 0:
            self.fail(what, arguments, f"exit status {done.returncode}", done.stderr.decode())

    def fail(self, what, arguments, why, errors):
        self.failures.append(what)
        print(f"{what}: {why}\n  plimsoll {' '.join(arguments)}\n  {errors[:600]!r}")


def check_prices(suite):
    suite.write("play.scn", PLAY)

    def prices(what, content, said):
        suite.write("p.csv", content)
        suite.expect(f"prices, {what}", ["run", "--prices", "M=p.csv", "play.scn"], said)

    suite.write("good.csv", HEADER + BARS)
    suite.expect_good("prices, control", ["run", "--prices", "M=good.csv", "play.scn"])
    prices("empty", "", r"p\.csv: the file is empty")
    prices("header alone", HEADER, r"p\.csv.*bar")
    prices("wrong header", "time,price\n1,2\n", r"p\.csv:1: the header has no column")
    prices("cut in a line", (HEADER + BARS)[:-12], r"p\.csv:3: ")
    prices("cut in a number", (HEADER + BARS)[:-4], r"p\.csv:3: ")
    prices("time twice", HEADER + "1060,1,1,1,1,1\n1060,1,1,1,1,1\n", r"p\.csv:3: time 1060 rep")
    prices("time reversed", HEADER + "1060,1,1,1,1,1\n1000,1,1,1,1,1\n", r"p\.csv:3: time 1000 is")
    prices("no number", HEADER + "1000,abc,1,1,1,1\n1060,1,1,1,1,1\n", r"p\.csv:2: ")
    prices("zero", HEADER + "1000,0,0,0,0,1\n1060,1,1,1,1,1\n", r"p\.csv:2: ")
    prices("negative", HEADER + "1000,-1,1,-1,1,1\n1060,1,1,1,1,1\n", r"p\.csv:2: ")
    prices("high below low", HEADER + "1000,5,4,6,5,1\n1060,5,6,4,5,1\n", r"p\.csv:2: ")
    prices("huge number", HEADER + f"1000,{'9' * 400},1,1,1,1\n", r"p\.csv:2: ")
    prices("huge time", HEADER + f"{'9' * 30},1,1,1,1,1\n", r"p\.csv:2: ")
    prices("endless line", HEADER + "1" * MEBIBYTE, r"p\.csv:2: ")
    prices("NUL bytes", b"\0" * 4096, r"p\.csv")
    prices("cut gzip", gzip.compress((HEADER + BARS * 1).encode())[:-10], r"p\.csv")
    (suite.folder / "folder").mkdir()
    suite.expect("prices, folder", ["run", "--prices", "M=folder", "play.scn"], r"folder: .*read")
    suite.expect("prices, missing", ["run", "--prices", "M=no.csv", "play.scn"], r"no\.csv: .*open")
    suite.expect("prices, unreadable", ["run", "--prices", "M=/proc/self/mem", "play.scn"], r"mem:")
    suite.expect("prices, option", ["run", "--prices", "M", "play.scn"], r"MARKET=FILE", (2,))


def check_scenarios(suite):
    def scenario(what, content, said):
        suite.write("s.scn", content)
        for command in (["run"], ["check"]):
            suite.expect(f"scenario, {what}", [*command, "s.scn"], said, (1,))

    suite.write("good.scn", GOOD)
    suite.expect_good("scenario, control", ["run", "good.scn"])
    first = "quote USDC decimals 6\n"
    scenario("empty", "", r"s\.scn: ")
    scenario("comments alone", "# nothing\n", r"s\.scn: ")
    scenario("unknown verb", first + "steal a 5 USDC -> ok\n", r"s\.scn:2: .*steal")
    scenario("bad number", GOOD.replace("1_000", "1,000"), r"s\.scn:4: ")
    scenario("underscore", GOOD.replace("1_000", "1__000"), r"s\.scn:4: ")
    scenario("hexadecimal", GOOD.replace("1_000", "0x10"), r"s\.scn:4: ")
    scenario("not a number", GOOD.replace("1_000", "nan"), r"s\.scn:4: ")
    scenario("too fine", GOOD.replace("1_000", "1.0000001"), r"s\.scn:4: ")
    scenario("too large", GOOD.replace("1_000", "9" * 60), r"s\.scn:4: ")
    scenario("negative", GOOD.replace("1_000", "-5"), r"s\.scn:4: ")
    scenario("no outcome", GOOD.replace(" -> ok", ""), r"s\.scn:4: .*->")
    scenario("unknown code", GOOD.replace("-> ok", "-> E_NOTHING"), r"s\.scn:4: ")
    scenario("unknown account", GOOD.replace("deposit a", "deposit z"), r"s\.scn:4: .*z")
    scenario("missing end", first + "repeat 3\n  advance 1s\n", r"s\.scn:\d: .*end")
    scenario("end alone", first + "end\n", r"s\.scn:2: ")
    scenario("nested too deep", first + "repeat 2\n" * 9 + "advance 1s\n" + "end\n" * 9, r"s\.scn:")
    scenario("long name", first + f"account {'x' * 64} cross\n", r"s\.scn:2: ")
    scenario("long line", first + "group g" + " a" * 300 + "\n", r"s\.scn:2: ")
    scenario("endless word", first + "let x " + "9" * MEBIBYTE + "\n", r"s\.scn")
    scenario("too large a file", "# x\n" * (5 * MEBIBYTE), r"s\.scn")
    scenario("NUL bytes", b"quote USDC decimals 6\n\0\0\n", r"s\.scn")
    scenario("not ASCII", first + "account \u00e4 cross\n", r"s\.scn:2: ")
    for place, said in (("no.scn", "open"), ("folder", "read"), ("/proc/self/mem", "read")):
        suite.expect(f"scenario, {place}", ["run", place], f"{place}: .*{said}", (1,))
    suite.expect("scenario, none", ["run"], ".", (2,))
    suite.expect("scenario, option", ["run", "--wild", "good.scn"], "--wild", (2,))


def check_outputs(suite):
    for option in ("--json", "--db", "--report", "--trace", "--calls"):
        for place in ("/dev/full", "no/such/folder/x", "folder"):
            suite.expect(f"output {option} {place}", ["run", option, place, "good.scn"],
                         re.escape(place.split("/")[-1]) + ".*(written|whole)", (1,))
        suite.expect(f"output {option} of a failed run",
                     ["run", option, f"out{option}", "no.scn"], r"no\.scn: ", (1,))
        suite.expect(f"output {option} alone", ["run", option], option, (2,))
    suite.write("kept.scn", "mine\n")
    suite.expect("new, there already", ["new", "kept"], "kept", (1, 2))
    if (suite.folder / "kept.scn").read_text() != "mine\n":
        suite.fail("new, there already", ["new", "kept"], "it replaced the file", "")
    suite.expect("new, no folder", ["new", "no/such/x"], "no/such/x", (1, 2))
    suite.write("text.db", "this is no database\n" * 100)
    suite.expect("db over another file", ["run", "--db", "text.db", "good.scn"], r"text\.db", (1,))
    if (suite.folder / "text.db").read_text() != "this is no database\n" * 100:
        suite.fail("db over another file", ["run", "--db"], "it replaced the file", "")


def check_readers(suite):
    suite.expect_good("trace, control", ["run", "--trace", "t.trace", "good.scn"])
    suite.expect_good("replay, control", ["replay", "t.trace"])
    whole = (suite.folder / "t.trace").read_bytes()
    lines = whole.split(b"\n")
    damaged = {
        "empty": b"",
        "no trace": b"hello\n",
        "cut in a line": whole[: len(whole) // 2],
        "last line lost": b"\n".join(lines[:-2]) + b"\n",
        "a line lost": b"\n".join(lines[:2] + lines[3:]),
        "bytes of a message": whole.replace(b" OK ", b" E_AUTH ", 1),
        "NUL bytes": b"\0" * 4096,
        "endless line": lines[0] + b"\n" + b"9" * MEBIBYTE,
        "huge numbers": lines[0] + b"\n" + b"9 " * 8 + b"\n",
    }
    for what, content in damaged.items():
        suite.write("d.trace", content)
        suite.expect(f"trace, {what}", ["replay", "d.trace"], r"d\.trace", (1,))
    check_calls(suite)
    for place in ("no.trace", "folder", "/proc/self/mem"):
        suite.expect(f"trace, {place}", ["replay", place], re.escape(place), (1,))
        suite.expect(f"vectors, {place}", ["vectors", place], re.escape(place), (1,))
        suite.expect(f"database, {place}", ["query", place], ".", (1, 2))
    for what, content in (("empty", ""), ("no JSON", "{"), ("wrong format", '{"format": "x"}'),
                          ("cases no list", '{"format": "plimsoll-vectors/1", "cases": 5}'),
                          ("case no object", '{"format": "plimsoll-vectors/1", "cases": [5]}'),
                          ("depth", "[" * 100000), ("NUL bytes", "\0" * 64)):
        suite.write("v.json", content)
        suite.expect(f"vectors, {what}", ["vectors", "v.json"], r"v\.json", (1,))
    suite.expect("database, text", ["query", "text.db"], r"text\.db", (1,))


def check_calls(suite):
    suite.expect_good("calls, control", ["run", "--calls", "t.jsonl", "good.scn"])
    suite.expect_good("calls, control", ["replay", "t.jsonl"])
    suite.write("fed.scn", PLAY)
    suite.expect("calls, of a series", ["run", "--calls", "p.jsonl", "fed.scn"],
                 r"fed\.scn:4: 'play' has no calls file", (2,))
    if (suite.folder / "p.jsonl").exists():
        suite.fail("calls, of a series", ["run", "--calls"], "it wrote a file", "")
    whole = (suite.folder / "t.jsonl").read_text()
    lines = whole.splitlines()
    deposit = next(i for i, line in enumerate(lines) if '"deposit"' in line)
    first = deposit + 1  # lines count from 1

    def calls(what, old, new, said):
        content = whole if old is None else whole.replace(lines[deposit],
                                                          lines[deposit].replace(old, new, 1))
        assert old is None or content != whole, what
        suite.write("d.jsonl", content if old is not None else new)
        suite.expect(f"calls, {what}", ["replay", "d.jsonl"], r"d\.jsonl" + said, (1,))

    at = f":{first}: "
    calls("cut in a line", None, whole[: len(whole) // 2], r":\d+: is no object")
    calls("last line lost", None, "\n".join(lines[:-1]) + "\n", r".*last line")
    calls("a line behind the last", None, whole + lines[1] + "\n", r".*behind the last line")
    calls("a line lost", None, "\n".join(lines[:deposit] + lines[deposit + 1:]) + "\n", r":\d+: ")
    calls("no version", None, whole.replace('"calls":1', '"calls":2'), ":1: ")
    calls("no contract", None, whole.replace('"contract"', '"other"'), ":1: the first line")
    calls("depth", None, "{" + '"a":[' * 100000, ":1: is no object")
    calls("endless line", None, lines[0] + "\n" + "9" * MEBIBYTE, ":2: is no object")
    calls("NUL bytes", None, "{" + "\0" * 4096, ":1: is no object")
    calls("huge height", None, whole.replace('"height":1', '"height":' + "9" * 30), ":1: ")
    calls("another code", '"code":"OK"', '"code":"E_AUTH"', at + 'code is "E_AUTH", and')
    calls("another event", '"type":"deposited"', '"type":"lost"', at + r"events\[\d\] is ")
    calls("another state", '"state":"', '"state":"0', at + "state is ")
    calls("another amount", '"amount":"1000000000"}}', '"amount":"1"}}', at)
    calls("a number for a text", '"account":"1"', '"account":1', at + "msg: deposit.account: ")
    calls("a field too many", '"deposit":{', '"deposit":{"x":1,', at + "msg: deposit.x")
    calls("a field twice", '"deposit":{', '"deposit":{"asset":0,', at + "is no object")
    calls("an unknown message", '"msg":{"deposit"', '"msg":{"steal"', at + "msg: execute: ")
    calls("an unknown entry", '"entry":"execute"', '"entry":"dance"', at + "entry must be ")
    calls("a forged reply", '"entry":"execute"', '"entry":"reply"', at + "the sender of reply")
    calls("a short sender", '"sender":"address:', '"sender":"address:00', at + "sender must be ")
    calls("a denom of blanks", '{"native":"USDC"}', '{"native":"U DC"}', at + "funds must be ")
    calls("negative funds", '"amount":"1', '"amount":"-1', at + "funds must be ")
    calls("too many funds", '"funds":[', '"funds":[1,2,3,4,5,', at + "funds must be ")
    calls("time runs backward", '"time":"1', '"time":"', at + "time runs backward")
    calls("time is no time", '"time":"', '"time":"x', at + "time must be ")
    suite.expect("calls, dump", ["replay", "--dump", "no/such/x", "t.jsonl"], "no/such/x.*written",
                 (1,))
    suite.expect("calls, state of a trace", ["replay", "--state", "t.trace"], "no calls file", (1,))
    suite.expect("calls, no value", ["replay", "--dump"], "--dump", (2,))


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(program, folder)
        check_prices(suite)
        check_scenarios(suite)
        check_outputs(suite)
        check_readers(suite)
    print(f"hostile: {suite.count} cases, {len(suite.failures)} failed")
    return 1 if suite.failures else 0


if __name__ == "__main__":
    sys.exit(main())
