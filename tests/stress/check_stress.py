#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""plimsoll stress: the same result for any number of processes, sums that merge, paths that replay.

    check_stress.py PLIMSOLL SCENARIO
    check_stress.py PLIMSOLL SCENARIO --million SHARED

The first runs the program on generated series in a temporary folder. The second plays a million
account-paths of a day on models of recorded prices, by two processes and by one, and prints the
times; exit status 77 means skipped: no recorded prices.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TIMEOUT = 120
SKIPPED = 77
RECORDED = "data/klines/2024-08-05/binance_spot_{}USDT_1m.csv.gz"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MEBIBYTES = 64  # of a process, at most
# What two runs of the same paths may differ in.
OF_THE_MACHINE = ("processes", "milliseconds", "cpu_milliseconds", "kibibytes")


class Suite:
    def __init__(self, program, folder):
        self.program = program
        self.folder = pathlib.Path(folder)

    def run(self, arguments, status=0):
        done = subprocess.run([self.program, *arguments], cwd=self.folder, capture_output=True,
                              text=True, timeout=TIMEOUT, check=False)
        if done.returncode != status:
            raise SystemExit(f"plimsoll {' '.join(arguments)}: exit status {done.returncode}, not "
                             f"{status}\n{done.stdout}{done.stderr}")
        return done

    def stress(self, arguments):
        self.run(["stress", *arguments, "--quiet", "--json", "out.json"])
        result = json.loads((self.folder / "out.json").read_text())
        for name in OF_THE_MACHINE:
            result.pop(name)
        return result

    def refuse(self, arguments, said, status):
        done = self.run(["stress", *arguments], status)
        if not re.search(said, done.stderr):
            raise SystemExit(f"stress {' '.join(arguments)}: stderr does not say /{said}/: "
                             f"{done.stderr}")


def check(condition, text):
    if not condition:
        raise SystemExit(text)


def check_jobs(suite, scenario, prices):
    """One, two and three processes; two halves and the whole."""
    base = [scenario, *prices, "--length", "90m", "--paths", "6", "--set",
            "ETH-PERP initial=2%,3%"]
    one = suite.stress([*base, "--jobs", "1"])
    for jobs in ("2", "3"):
        check(suite.stress([*base, "--jobs", jobs]) == one, f"--jobs {jobs} gives another result")
    check(one["sets"][0]["hash"] != one["sets"][1]["hash"], "two sets have one hash")
    same = [scenario, *prices, "--length", "90m", "--set", "ETH-PERP initial=2%,3%"]
    halves = [suite.stress([*same, "--paths", "3", "--seed", seed, "--sums", f"part{seed}"])
              for seed in ("1", "4")]
    merged = suite.stress([*same, "--merge", "part4", "--merge", "part1"])
    check(merged == one, "two merged halves are not the whole")
    suite.refuse([*same, "--merge", "part1", "--merge", "part1"], "another part has too", 1)
    suite.refuse([*same, "--merge", "part1", "--length", "2h"], "another scenario", 1)
    suite.refuse([*same, "--merge", "ETH-PERP.csv"], "no file of --sums", 1)
    (suite.folder / "cut").write_bytes((suite.folder / "part1").read_bytes()[:-9])
    suite.refuse([*same, "--merge", "cut"], "cut off or damaged", 1)
    for number in range(2):
        counts = [half["sets"][number]["counts"] for half in halves]
        for name, value in one["sets"][number]["counts"].items():
            check(sum(int(row[name]) for row in counts) == int(value), f"{name} does not add up")
    return one


def check_replay(suite, scenario, prices, result):
    """The worst path again: alone, by both engines, to the same figures and the same state."""
    worst = result["sets"][0]["worst"][0]
    command = worst["again"].split(" ")[1:]
    check(command[0] == "stress", "the command that replays is another one")
    done = suite.run(["stress", scenario, *prices, "--length", "90m", "--set",
                      "ETH-PERP initial=2%", "--replay", worst["seed"], "--report", "run.html",
                      "--out", "path"])
    for payer in ("owners", "tranches", "global", "opposing", "uncovered", "beyond"):
        check(re.search(rf"^  {payer} +{re.escape(worst[payer])}$", done.stdout, re.M),
              f"{payer}: {worst[payer]} is not what the replay says:\n{done.stdout}")
    check((suite.folder / "run.html").stat().st_size > 10000, "no report of the replay")
    lines = (suite.folder / "path-ETH-PERP.csv").read_text().count("\n")
    check(lines == 91, "no series of 90 bars")


def check_page(suite, page):
    """In a browser, where there is one: every chart is drawn, nothing is written to the console."""
    browser = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if browser is None:
        return
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
               f"--user-data-dir={suite.folder / 'profile'}", "--virtual-time-budget=4000",
               "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", "--v=0",
               "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    check(not console, f"the page complains: {console}")
    check(done.stdout.count("<svg") >= 3, "the page draws no charts")
    check("--replay" in done.stdout, "the page has no worst paths")


def check_models(suite, scenario, prices):
    real = [scenario, *prices, "--model", "real", "--length", "1h", "--paths", "3"]
    one = suite.stress([*real, "--jobs", "1"])
    check(one == suite.stress([*real, "--jobs", "2"]), "stretches depend on --jobs")
    check("generated" not in one["markets"][0], "a stretch is said to be generated")
    suite.run(["stress", scenario, "--paths", "1", "--quiet", "--audit", "--report", "r.html"])
    page = (suite.folder / "r.html").read_text()
    check_page(suite, suite.folder / "r.html")
    check("@@" not in page and "http://" not in page.replace("http://www.w3.org/2000/svg", ""),
          "the page is not whole, or asks for another one")


def check_million(program, scenario, shared):
    prices = []
    for coin in ("ETH", "BTC"):
        path = pathlib.Path(shared) / RECORDED.format(coin)
        if not shared or not path.exists():
            print("skipped: no recorded prices, see -DPLIMSOLL_SHARED")
            return SKIPPED
        prices += ["--prices", f"{coin}-PERP={path}"]
    hashes = set()
    for jobs in ("2", "1"):
        done = subprocess.run([program, "stress", scenario, *prices, "--paths", "1000", "--jobs",
                               jobs, "--quiet"], capture_output=True, text=True, check=False)
        last = done.stdout.strip().split("\n")[-1]
        figures = re.search(r" 1000000 account-paths, .* (\d+) MiB each at most; hash (\w+)$", last)
        check(done.returncode == 0 and figures, f"--jobs {jobs}: {done.stdout}{done.stderr}")
        check(int(figures.group(1)) <= MEBIBYTES, f"{figures.group(1)} MiB a process: {last}")
        hashes.add(figures.group(2))
        print(last, flush=True)
    check(len(hashes) == 1, "one and two processes come to different sums")
    return 0


def check_bad_input(suite, scenario, prices):
    short = suite.folder / "short.csv"
    short.write_text("timestamp_s,open,high,low,close,volume\n" +
                     "".join(f"{60 * i},1,1,1,1,1\n" for i in range(1, 50)))
    quiet = suite.folder / "quiet.scn"
    quiet.write_text("quote USDC decimals 6\nmarket M\n")
    lonely = suite.folder / "lonely.scn"
    lonely.write_text("quote USDC decimals 6\nmarket M fit\ncrowd 5 on M\nplay M\n")
    for arguments, said, status in (
            ([], "name a scenario", 2),
            (["nowhere.scn"], r"nowhere\.scn: cannot be read", 1),
            ([scenario, "--paths", "0"], "--paths '0'", 2),
            ([scenario, "--paths", "many"], "--paths 'many'", 2),
            ([scenario, "--paths", "99999999999999999999999"], "--paths", 2),
            ([scenario, "--jobs", "0"], "--jobs '0'", 2),
            ([scenario, "--seed", "-1"], "--seed '-1'", 2),
            ([scenario, "--length", "0"], "--length '0'", 2),
            ([scenario, "--model", "dream"], "--model is", 2),
            ([scenario, "--model", "real"], "needs real series", 2),
            ([scenario, "--length", "1d"], "crash model", 2),
            ([scenario, "--out", "x"], "add --replay", 2),
            ([scenario, "--nonsense", "x"], "no option '--nonsense'", 2),
            ([scenario, "--json"], "wants a value", 2),
            ([scenario, "--set", "ETH-PERP"], "--set 'ETH-PERP'", 2),
            ([scenario, "--set", "DOGE initial=2%"], "no line for --set", 1),
            ([scenario, "--set", "ETH-PERP nothing=2%"], "no key 'nothing'", 1),
            ([scenario, "--set", "ETH-PERP initial=1%"], "refuses every set.*E_PARAM", 1),
            ([scenario, *prices[:2]], "plays BTC-PERP, which has no series", 1),
            ([scenario, "--prices", "DOGE=short.csv"], "plays no series of that name", 1),
            ([scenario, "--prices", "ETH-PERP=gone.csv"], r"gone\.csv: cannot be opened", 1),
            ([scenario, "--prices", "ETH-PERP=short.csv"], r"short\.csv: 49 bars", 1),
            ([scenario, *prices, "--length", "60s"], "--length is 1 bars", 1),
            (["quiet.scn"], "has no crowd line", 1),
            (["lonely.scn"], "has no keepers line", 1),
            ([scenario, *prices, "--set", "ETH-PERP initial=2%,3%", "--replay", "1"],
             "plays one set", 2)):
        suite.refuse(arguments, said, status)


def main():
    program, scenario = (str(pathlib.Path(name).resolve()) for name in sys.argv[1:3])
    if len(sys.argv) > 4 and sys.argv[3] == "--million":
        return check_million(program, scenario, sys.argv[4])
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(program, folder)
        prices = []
        for number, name in enumerate(("ETH-PERP", "BTC-PERP"), 1):
            suite.run(["generate", "--seed", str(number), "--bars", "600", "--out", f"{name}.csv"])
            prices += ["--prices", f"{name}={name}.csv"]
        check_bad_input(suite, scenario, prices)
        result = check_jobs(suite, scenario, prices)
        check_replay(suite, scenario, prices, result)
        check_models(suite, scenario, prices)
    print(f"stress: one, two and three processes agree; the worst path replays; hash "
          f"{result['hash']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
