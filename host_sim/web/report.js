// SPDX-License-Identifier: Apache-2.0
// Draws the report from the data in the page. No request leaves the page.
(function () {
    "use strict";
    const data = JSON.parse(document.getElementById("data").textContent);
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    const colours = ["#4477aa", "#cc6677", "#228833", "#b8860b", "#66ccee", "#aa3377"];
    const graphs = [];

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

    // 13553 as 13 553.
    function grouped(digits) {
        return String(digits).replace(/\B(?=(\d{3})+(?!\d))/g, "\u2009");
    }

    // 1234567.8 as 1.23 M: charts only; tables show exact numbers. Prices below 100 000 stay whole.
    function short(value) {
        const size = Math.abs(value);
        for (const [unit, name] of [[1e9, " bn"], [1e6, " M"], [1e5, " k"]]) {
            if (size >= unit) {
                return Number((value / (unit === 1e5 ? 1e3 : unit)).toFixed(2)) + name;
            }
        }
        if (size >= 1000) {
            return grouped(Math.round(value));
        }
        return String(size >= 1 ? Number(value.toFixed(2)) : Number(value.toPrecision(3)));
    }

    // Groups the digits of an exact decimal and keeps two behind the point.
    function money(text) {
        const parts = String(text).split(".");
        const sign = parts[0].startsWith("-") ? "-" : "";
        const whole = grouped(parts[0].replace("-", ""));
        return sign + whole + "." + ((parts[1] || "") + "00").slice(0, 2);
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

    function bars(e) {
        const context = e.drawingContext;
        const zero = e.dygraph.toDomYCoord(0);
        const width = Math.max(1, Math.min(8, e.plotArea.w / Math.max(1, e.points.length) * 0.7));
        context.fillStyle = e.color;
        for (const point of e.points) {
            if (!isNaN(point.canvasy) && point.yval) {
                context.fillRect(point.canvasx - width / 2, point.canvasy, width,
                                 zero - point.canvasy);
            }
        }
    }

    function axis(value) {
        return short(value);
    }

    // series: [name, values] each; times in seconds.
    function chart(parent, title, hint, times, series, options) {
        if (times.length === 0) {
            return;
        }
        const box = card(parent, title, hint);
        const place = make("div", undefined, "chart");
        const legend = make("div", undefined, "legend");
        box.appendChild(place);
        box.appendChild(legend);
        const rows = times.map((time, i) =>
            [new Date(time * 1000)].concat(series.map((one) => one[1][i])));
        const settings = {
            labels: ["time"].concat(series.map((one) => one[0])),
            colors: colours,
            labelsDiv: legend,
            legend: "always",
            labelsUTC: true,
            strokeWidth: 1.5,
            animatedZooms: false,
            axes: {y: {axisLabelFormatter: axis, valueFormatter: axis, axisLabelWidth: 64}},
        };
        graphs.push(new Dygraph(place, rows, Object.assign(settings, options || {})));
    }

    function paint() {
        const line = dark.matches ? "#323b47" : "#d9dee5";
        for (const graph of graphs) {
            graph.updateOptions({gridLineColor: line, axisLineColor: line});
        }
    }

    function table(parent, title, hint, columns, rows) {
        if (rows.length === 0) {
            return;
        }
        const box = card(parent, title, hint);
        const scroll = make("div", undefined, "scroll");
        const body = make("table");
        const head = make("tr");
        columns.forEach((name, i) => head.appendChild(make("th", name, i ? "number" : "")));
        body.appendChild(head);
        for (const row of rows) {
            const line = make("tr");
            row.forEach((cell, i) => {
                const at = make("td", undefined, i ? "number" : "");
                if (cell instanceof Node) {
                    at.appendChild(cell);
                } else {
                    at.textContent = cell;
                }
                line.appendChild(at);
            });
            body.appendChild(line);
        }
        scroll.appendChild(body);
        box.appendChild(scroll);
    }

    function bar(share) {
        const element = make("span", undefined, "bar");
        element.style.width = Math.max(1, Math.round(share * 120)) + "px";
        return element;
    }

    function head() {
        document.getElementById("title").textContent = data.scenario;
        const verdict = document.getElementById("verdict");
        verdict.textContent = data.passed ? "passed" : "failed: " + data.verdict;
        verdict.className = data.passed ? "good" : "bad";
        const figures = [
            ["accounts", data.accounts], ["operations", data.operations],
            ["refused", data.refused_count], ["takeovers", data.takeovers],
            ["forced closes", data.forced_closes], ["deficits", data.deficits],
            ["taken over", money(data.taken)], ["liquidation fees", money(data.liquidation_fees)],
            ["losses paid by their owners", money(data.paid.equity)],
            ["paid by the markets' tranches", money(data.paid.insurance)],
            ["paid by the global tranche", money(data.paid.global)],
            ["paid by opposing side", money(data.paid.opposing)],
            ["uncovered", money(data.paid.uncovered)],
        ];
        for (const [name, value] of figures) {
            const box = make("div");
            box.appendChild(make("b", typeof value === "number" ? grouped(value) : value));
            box.appendChild(make("span", name));
            document.getElementById("figures").appendChild(box);
        }
        const notes = document.getElementById("notes");
        if (data.generated) {
            card(notes, "Generated prices", "Some series of this run was generated from the seed: " +
                 "it is no market's history.");
        }
        if (data.series_notes) {
            card(notes, "Price files", data.series_notes);
        }
        if (data.broken.length) {
            const box = card(notes, "Broken invariants");
            data.broken.forEach((text) => box.appendChild(make("p", text, "bad")));
        }
    }

    function marketCharts(parent, market) {
        const t = market.time;
        const name = market.name;
        const price = t.map((_, i) => [market.low[i], market.price[i], market.high[i]]);
        chart(parent, name + ": price", "The accepted price with its range, and the slow price.", t,
              [["price", price], ["slow", market.slow.map((s) => [s, s, s])]],
              {customBars: true});
        if (market.taken.some((value) => value)) {
            chart(parent, name + ": liquidations",
                  "Value taken over or closed by force in each stretch of time.", t,
                  [["taken", market.taken]], {plotter: bars, includeZero: true});
            chart(parent, name + ": cost of liquidations",
                  "Fees paid by the liquidated, and deficits beyond their equity.", t,
                  [["fees", market.cost], ["deficits", market.missed]],
                  {plotter: bars, includeZero: true});
        }
        chart(parent, name + ": insurance and pool",
              "The tranche, collected losses not yet paid out, and what waits or is uncovered.", t,
              [["insurance", market.insurance], ["pool", market.pool],
               ["shortfall", market.shortfall], ["uncovered", market.uncovered]],
              {includeZero: true});
        chart(parent, name + ": open interest", "Value of one side.", t, [["open interest", market.oi]],
              {includeZero: true, fillGraph: true});
    }

    function charts() {
        const parent = document.getElementById("charts");
        data.markets.forEach((market) => marketCharts(parent, market));
        const crowd = data.crowd;
        chart(parent, "Equity against margin", "Sums over accounts with a position and equity below 20 times maintenance.", crowd.time,
              [["equity", crowd.equity], ["maintenance", crowd.maint]], {includeZero: true});
        chart(parent, "Equity over maintenance",
              "Quantiles over accounts: below 1 an account is liquidatable. Cut at 20.",
              crowd.time,
              [["10 %", crowd.q10], ["25 %", crowd.q25], ["median", crowd.q50],
               ["75 %", crowd.q75], ["90 %", crowd.q90]], {includeZero: true});
        chart(parent, "Accounts in trouble", "Accounts below maintenance right after a price.",
              crowd.time, [["in trouble", crowd.in_trouble]], {includeZero: true, stepPlot: true});
    }

    function tables() {
        const parent = document.getElementById("tables");
        const paid = data.paid;
        table(parent, "Who paid losses", "Exact sums in quote units, cut to two digits.",
              ["payer", "amount"],
              [["accounts, from their own cash", money(paid.equity)],
               ["insurance tranches", money(paid.insurance)],
               ["global tranche", money(paid.global)],
               ["opposing side of the market", money(paid.opposing)],
               ["nobody: the uncovered line", money(paid.uncovered)]]);
        const most = Math.max(1, ...data.refused.map((row) => row.count));
        table(parent, "Refused operations", "What the engine said no to.",
              ["operation", "code", "count", ""],
              data.refused.map((row) => [row.operation, row.code, row.count,
                                         bar(row.count / most)]));
        table(parent, "Refused prices", "Aggregates that were published and not accepted.",
              ["code", "count"], data.refused_prices.map((row) => [row.code, row.count]));
        table(parent, "Accounts hit worst", "By deficit, then by value taken over.",
              ["account", "takeovers", "forced", "value", "fees", "deficit"],
              data.worst.map((row) => [row.account, row.takeovers, row.forced, money(row.taken),
                                       money(row.fees), money(row.deficit)]));
        table(parent, "Markets at the end", "", ["market", "status", "price", "insurance", "pool",
                                                 "fees", "uncovered"],
              data.markets.map((row) => [row.name, row.end.status, row.end.price,
                                         money(row.end.insurance), money(row.end.pool),
                                         money(row.end.fees), money(row.end.uncovered)]));
        table(parent, "Events", "", ["event", "count"],
              data.events.map((row) => [row.event, row.count]));
        if (data.text) {
            card(parent, "Scenario").appendChild(make("pre", data.text));
        }
    }

    head();
    charts();
    tables();
    paint();
    dark.addEventListener("change", paint);
    document.getElementById("footer").textContent =
        "plimsoll " + data.version + ", seed " + data.seed + ", engines " + data.engines +
        ", state hash " + data.state_hash + ", " + data.elapsed_ms + " ms";
    document.documentElement.setAttribute("data-drawn", String(graphs.length));
}());
