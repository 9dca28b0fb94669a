#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A report opened in a browser: every chart is drawn, nothing is written to the console.

    check_report.py PLIMSOLL SCENARIO

Runs the scenario, opens the page in headless Chromium without network, and looks. Exit status 77
means skipped: no Chromium, or no chart library.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LIBRARY = pathlib.Path("/usr/share/javascript/dygraphs/dygraph.min.js")
# Run inside the page, behind its own script: counts the colours of every canvas.
PROBE = """
<script>
(function () {
    const all = Array.from(document.querySelectorAll(".chart"));
    const drawn = all.filter((chart) => Array.from(chart.querySelectorAll("canvas")).some((c) => {
        if (!c.width || !c.height) {
            return false;
        }
        const pixels = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
        let inked = 0;
        for (let i = 3; i < pixels.length; i += 4) {
            inked += pixels[i] ? 1 : 0;
        }
        return inked > 200;
    }));
    const out = document.createElement("div");
    out.id = "probe";
    out.textContent = JSON.stringify({charts: all.length, drawn: drawn.length,
        wide: document.documentElement.scrollWidth > window.innerWidth + 1,
        outside: performance.getEntriesByType("resource").map((r) => r.name)
            .filter((name) => !name.startsWith("data:"))});
    document.body.appendChild(out);
}());
</script>
"""


def open_page(browser, folder, page, width):
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
               f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900",
               "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=8000",
               "--enable-logging=stderr", "--v=0", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    match = re.search(r'<div id="probe">(.*?)</div>', done.stdout, re.S)
    if match is None:
        raise SystemExit(f"the page did not run to its end in {browser}:\n{done.stderr[-3000:]}")
    return json.loads(match.group(1).replace("&quot;", '"').replace("&amp;", "&")), console


def check(condition, text):
    if not condition:
        raise SystemExit(text)


def main():
    plimsoll, scenario = sys.argv[1:3]
    browser = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if browser is None:
        print("skipped: no Chromium is installed (Debian package chromium)")
        return SKIPPED
    if not LIBRARY.exists():
        print("skipped: no chart library is installed (Debian package libjs-dygraphs)")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        page = folder / "report.html"
        summary = folder / "summary.json"
        environment = dict(os.environ, HOME=name)
        subprocess.run([plimsoll, "run", "--engine", "native", "--quiet", "--report", str(page),
                        "--json", str(summary), scenario], check=True, timeout=300,
                       env=environment)
        json.loads(summary.read_text())
        text = page.read_text()
        check("http://" not in re.sub(r"http://www\.w3\.org\S*|\* .*|//.*", "", text[:20000]),
              "the page's head names an address: it must work without network")
        page.write_text(text.replace("</body>", PROBE + "</body>"))
        for width in (1200, 390):
            probe, console = open_page(browser, folder, page, width)
            check(not console, "the page wrote to the console:\n" + "\n".join(console))
            check(probe["charts"] >= 6, f"only {probe['charts']} charts at width {width}")
            check(probe["drawn"] == probe["charts"],
                  f"{probe['charts'] - probe['drawn']} charts are blank at width {width}")
            check(not probe["outside"], f"the page fetched {probe['outside']}")
            check(not probe["wide"], f"the page is wider than a screen of {width}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
