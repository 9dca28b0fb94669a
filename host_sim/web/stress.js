// SPDX-License-Identifier: Apache-2.0
// Draws the result of plimsoll stress from the data in the page. No request leaves the page.
(function () {
    "use strict";
    const data = JSON.parse(document.getElementById("data").textContent);
    const colours = ["#4477aa", "#cc6677", "#228833", "#b8860b", "#66ccee", "#aa3377"];
    const payers = [["owners", "owners"], ["tranches", "markets' tranches"],
                    ["global", "global tranche"], ["opposing", "opposing side"],
                    ["uncovered", "uncovered"], ["beyond", "all but owners"]];
    const space = "http://www.w3.org/2000/svg";
    const charts = document.getElementById("charts");
    const tables = document.getElementById("tables");
    const played = data.sets.filter((set) => !set.refused);

    function make(tag, text, style) {
        const element = document.createElement(tag);
        if (text !== undefined) {
            element.textContent = text;
        }
        if (style) {
            element.className = style;
        }
        return element;
    }

    function grouped(digits) {
        return String(digits).replace(/\B(?=(\d{3})+(?!\d))/g, "\u2009");
    }

    // Groups the digits of an exact decimal and keeps two behind the point.
    function money(text) {
        const parts = String(text).split(".");
        return grouped(parts[0]) + "." + ((parts[1] || "") + "00").slice(0, 2);
    }

    function short(value) {
        for (const [unit, name] of [[1e9, " bn"], [1e6, " M"], [1e3, " k"]]) {
            if (Math.abs(value) >= unit) {
                return Number((value / unit).toPrecision(3)) + name;
            }
        }
        return String(Number(value.toPrecision(3)));
    }

    function percent(ppm) {
        return (Number(ppm) / 1e4).toFixed(2) + " %";
    }

    function card(parent, title, hint) {
        const box = make("div", undefined, "card");
        box.appendChild(make("h2", title));
        if (hint) {
            box.appendChild(make("p", hint, "hint"));
        }
        parent.appendChild(box);
        return box;
    }

    function count(set) {
        return Number(set.paths) - Number(set.failed);
    }

    function table(parent, head, rows) {
        const scroll = make("div", undefined, "scroll");
        const out = make("table");
        const top = make("tr");
        head.forEach((text, i) => top.appendChild(make("th", text, i ? "number" : "")));
        out.appendChild(top);
        for (const row of rows) {
            const line = make("tr");
            row.forEach((text, i) => line.appendChild(make("td", text, i ? "number" : "")));
            out.appendChild(line);
        }
        scroll.appendChild(out);
        parent.appendChild(scroll);
    }

    // --- drawing ------------------------------------------------------------------------------

    const frame = {width: 720, height: 260, left: 60, right: 24, top: 10, bottom: 34};

    function node(parent, tag, attributes, text) {
        const element = document.createElementNS(space, tag);
        for (const name of Object.keys(attributes)) {
            element.setAttribute(name, attributes[name]);
        }
        if (text !== undefined) {
            element.textContent = text;
        }
        parent.appendChild(element);
        return element;
    }

    function across(share) {
        return frame.left + share * (frame.width - frame.left - frame.right);
    }

    function down(share) {
        return frame.height - frame.bottom - share * (frame.height - frame.top - frame.bottom);
    }

    // The empty frame; xs and ys are [share of the axis, text].
    function plot(parent, xs, ys) {
        const svg = node(parent, "svg", {viewBox: `0 0 ${frame.width} ${frame.height}`,
                                         class: "plot", role: "img"});
        svg.style.width = "100%";
        for (const [share, text] of ys) {
            node(svg, "line", {x1: across(0), x2: across(1), y1: down(share), y2: down(share),
                               stroke: "var(--line)"});
            node(svg, "text", {x: across(0) - 6, y: down(share) + 4, "text-anchor": "end",
                               "font-size": 11, fill: "var(--soft)"}, text);
        }
        for (const [share, text] of xs) {
            node(svg, "line", {x1: across(share), x2: across(share), y1: down(0), y2: down(0) + 4,
                               stroke: "var(--soft)"});
            node(svg, "text", {x: across(share), y: down(0) + 18, "text-anchor": "middle",
                               "font-size": 11, fill: "var(--soft)"}, text);
        }
        node(svg, "line", {x1: across(0), x2: across(1), y1: down(0), y2: down(0),
                           stroke: "var(--soft)"});
        return svg;
    }

    function legend(parent, names) {
        const line = make("div", undefined, "legend");
        names.forEach((name, i) => {
            const mark = make("span", "\u25a0 ");
            mark.style.color = colours[i % colours.length];
            line.appendChild(mark);
            line.appendChild(document.createTextNode(name + "   "));
        });
        parent.appendChild(line);
    }

    // Powers of ten between two numbers, on a logarithmic axis.
    function decades(low, high) {
        const out = [];
        const step = Math.max(1, Math.ceil((high - low) / 8));
        for (let power = Math.ceil(low); power <= high; power += step) {
            out.push([(power - low) / (high - low), short(Math.pow(10, power))]);
        }
        return out;
    }

    // Bins of zero and of dust below a hundredth are no loss that one could draw.
    function drawn(bins) {
        return bins.map(([edge, paths]) => [Number(edge), paths]).filter(([edge]) => edge >= 0.01);
    }

    // How many paths of all lose at least so much: falling steps on two logarithmic axes.
    function exceedance(parent, title, hint, series) {
        const lines = series.map(([name, bins, all]) => [name, drawn(bins), all])
            .filter(([, bins]) => bins.length);
        const box = card(parent, title, hint);
        if (!lines.length) {
            box.appendChild(make("p", "No path came to that.", "hint"));
            return;
        }
        const edges = lines.flatMap(([, bins]) => bins.map(([edge]) => edge));
        const low = Math.floor(Math.log10(Math.min(...edges)));
        const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...edges) * 1.25)));
        const most = Math.max(...lines.map(([, , all]) => all));
        const depth = Math.max(1, Math.ceil(Math.log10(most)));
        const ys = [];
        for (let power = 0; power <= depth; power++) {
            ys.push([1 - power / depth, short(100 / Math.pow(10, power)) + " %"]);
        }
        const svg = plot(box, decades(low, high), ys);
        lines.forEach(([, bins, all], i) => {
            let left = bins.reduce((sum, [, paths]) => sum + paths, 0);
            let path = "";
            for (const [edge, paths] of bins) {
                const x = across((Math.log10(edge) - low) / (high - low));
                const y = down(Math.max(0, 1 + Math.log10(left / all) / depth));
                path += (path ? `H${x}V${y}` : `M${across(0)} ${y}H${x}`);
                left -= paths;
            }
            const last = bins[bins.length - 1][0] * 1.2;
            path += `H${across((Math.log10(last) - low) / (high - low))}V${down(0)}`;
            node(svg, "path", {d: path, fill: "none", stroke: colours[i % colours.length],
                               "stroke-width": 2});
        });
        legend(box, lines.map(([name]) => name));
    }

    function histogram(parent, title, hint, bars, labels) {
        const box = card(parent, title, hint);
        const most = Math.max(1, ...bars);
        const svg = plot(box, labels, [[0, "0"], [1, grouped(most)]]);
        const width = (across(1) - across(0)) / bars.length;
        bars.forEach((value, i) => {
            if (value) {
                const y = down(value / most);
                node(svg, "rect", {x: across(i / bars.length) + width * 0.05, y: y,
                                   width: Math.max(0.5, width * 0.9), height: down(0) - y,
                                   fill: colours[0]});
            }
        });
    }

    // Losses in bins, four to a power of two; paths without any are said, not drawn.
    function losses(parent, set, key, name) {
        const bins = drawn(set.paid[key].bins);
        const some = bins.reduce((sum, [, paths]) => sum + paths, 0);
        const place = (edge) => Math.round(4 * Math.log2(edge));
        if (!bins.length) {
            return;
        }
        const first = place(bins[0][0]);
        const bars = new Array(place(bins[bins.length - 1][0]) - first + 1).fill(0);
        for (const [edge, paths] of bins) {
            bars[place(edge) - first] += paths;
        }
        const labels = [];
        const step = Math.max(1, Math.ceil(bars.length / 8));
        for (let at = 0; at < bars.length; at += step) {
            labels.push([(at + 0.5) / bars.length, short(Math.pow(2, (at + first) / 4))]);
        }
        histogram(parent, `Paths by what they cost: ${name}`,
                  `${grouped(some)} of ${grouped(count(set))} paths; the others cost nothing. ` +
                  set.name, bars, labels);
    }

    // --- the page -----------------------------------------------------------------------------

    function head() {
        const failed = data.sets.reduce((sum, set) => sum + Number(set.failed), 0);
        const accounts = data.sets.reduce((sum, set) => sum + Number(set.counts.accounts), 0);
        document.getElementById("title").textContent = "Stress: " + data.scenario;
        const verdict = document.getElementById("verdict");
        verdict.textContent = failed ? `${failed} paths failed` : "every path played and audited";
        verdict.className = failed ? "bad" : "good";
        const figures = document.getElementById("figures");
        const tiles = [["paths a set", grouped(data.paths)], ["sets", data.sets.length],
                       ["account-paths", grouped(accounts)], ["prices", data.model],
                       ["seconds", (Number(data.milliseconds) / 1000).toFixed(1)],
                       ["processes", data.processes],
                       ["MiB a process", Math.ceil(Number(data.kibibytes) / 1024)],
                       ["hash", data.hash]];
        for (const [name, value] of tiles) {
            const tile = make("div");
            tile.appendChild(make("b", String(value)));
            tile.appendChild(make("span", name));
            figures.appendChild(tile);
        }
        document.getElementById("footer").textContent =
            `plimsoll ${data.version}. Amounts are in the quote token. The same seeds give the ` +
            "same page but for time and memory, with any number of processes.";
    }

    function drawSet(set) {
        exceedance(charts, `Who pays, and how often: ${set.name}`,
                   "Share of the paths in which a payer pays at least so much; both axes are " +
                   "logarithmic.",
                   payers.map(([key, name]) => [name, set.paid[key].bins, count(set)]));
        losses(charts, set, "beyond", "all but owners");
        const falls = set.falls_by_percent;
        const last = falls.reduce((top, value, i) => (value ? i : top), 0);
        histogram(charts, "Paths by the worst fall of a price",
                  "From the highest accepted price before it, in whole percents. " + set.name,
                  falls.slice(0, last + 2),
                  [0, 0.25, 0.5, 0.75, 1].map((share) =>
                      [share, Math.round(share * (last + 2)) + " %"]));
    }

    function setRows() {
        return data.sets.map((set) => set.refused
            ? [set.name, "the engine refuses it: " + set.refused]
            : [set.name, `${set.survived} of ${count(set)}`,
               ...payers.map(([key]) => money(set.paid[key].most)),
               money(set.paid.beyond["99_below"]), grouped(set.counts.liquidations)]);
    }

    function worst(set) {
        const box = card(tables, `Worst paths: ${set.name}`,
                         "By what others than owners paid. The command plays one alone.");
        table(box, ["seed", ...payers.map(([, name]) => name), "worst fall"],
              set.worst.map((row) => [row.seed, ...payers.map(([key]) => money(row[key])),
                                      percent(row.fall_ppm)]));
        const text = make("pre", set.worst.map((row) => row.again).join("\n"));
        box.appendChild(text);
    }

    function models() {
        for (const market of data.markets) {
            const both = market.generated ? [market.real, market.generated] : [market.real];
            const box = card(tables, `Prices of ${market.name}`,
                             `${market.file}, ${market.real.bars} bars of ${market.step_s} s` +
                             (market.generated ? "; generated: the middle of nine series of the " +
                                                 "same length" : ""));
            const row = (name, key, text) => [name, ...both.map((stats) => text(stats[key]))];
            const thousandths = (value) => (Number(value) / 1e3).toFixed(2);
            table(box, market.generated ? ["", "real", "generated"] : ["", "real"],
                  [row("deviation of a bar's move", "deviation_nano",
                       (value) => (Number(value) / 1e7).toFixed(3) + " %"),
                   row("kurtosis (3 = normal)", "kurtosis_thousandths", thousandths),
                   row("range over size of move", "range_thousandths", thousandths),
                   row("echo of sizes at one bar", "echo_ppm", percent),
                   row("echo of sizes at an hour", "echo_hour_ppm", percent),
                   row("largest move in a bar", "largest_bar_ppm", percent),
                   row("largest move in an hour", "largest_hour_ppm", percent),
                   row("largest move in a day", "largest_day_ppm", percent)]);
        }
        if (data.correlations.length) {
            const box = card(tables, "Correlations of moves");
            table(box, ["", "real", "generated"], data.correlations.map((link) =>
                [`${link.first}, ${link.second}`, percent(link.real_ppm),
                 percent(link.generated_ppm)]));
        }
    }

    head();
    if (played.length > 1) {
        exceedance(charts, "All but owners, by set",
                   "Share of the paths in which others than owners pay at least so much.",
                   played.map((set) => [set.name, set.paid.beyond.bins, count(set)]));
    }
    table(card(tables, "Parameter sets", "The most in any path, by payer."),
          ["set", "survived", ...payers.map(([, name]) => name), "all but owners, 99 % below",
           "liquidations"], setRows());
    played.filter((set) => count(set) > 0).forEach(drawSet);
    played.filter((set) => count(set) > 0).forEach(worst);
    models();
}());
