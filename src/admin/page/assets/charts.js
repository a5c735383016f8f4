// Live charts: what happened between two answers of the server, from its totals.

import { byId, count, duration, h } from "./dom.js";
import { addInterval, averageOf, percentileOf } from "./histograms.js";

const SVG = "http://www.w3.org/2000/svg";
/** Ten minutes at one answer in two seconds. */
const POINTS_MAX = 300;
const WIDTH = 300;
const HEIGHT = 100;

/** Each line: its name, and its value from the interval between two answers. */
const CHARTS = [
  {
    title: "Rate",
    unit: "/s",
    lines: [
      ["reads", ({ reads, seconds }) => reads.count / seconds],
      ["writes", ({ updates, seconds }) => updates.count / seconds],
    ],
  },
  {
    title: "Read latency",
    unit: "ms",
    lines: latencies("reads"),
  },
  {
    title: "Write latency",
    unit: "ms",
    lines: latencies("updates"),
  },
  {
    title: "Log sync time",
    unit: "ms",
    lines: latencies("logSyncs"),
  },
  {
    title: "Queues",
    unit: "",
    lines: [
      ["requests unanswered", ({ queues }) => queues.outstanding],
      ["txns not yet on disk", ({ queues }) => queues.notSynced],
      ["txns not yet committed", ({ queues }) => queues.notCommitted],
      ["packets to learners", ({ queues }) => queues.toLearners],
    ],
  },
  {
    title: "Event loop lag",
    unit: "ms",
    lines: latencies("loopLag"),
  },
];

function latencies(name) {
  return [
    ["mean", (interval) => averageOf(interval[name])],
    ["p95", (interval) => percentileOf(interval[name], 0.95)],
    ["p99", (interval) => percentileOf(interval[name], 0.99)],
    ["max", (interval) => percentileOf(interval[name], 1)],
  ];
}

let before;
/** When each point was drawn. */
const times = [];
const plots = [];

export function startCharts() {
  for (const { title, unit, lines } of CHARTS) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", title);
    for (const y of [0, HEIGHT / 2, HEIGHT])
      svg.append(shape("line", { x1: 0, x2: WIDTH, y1: y, y2: y }));
    const series = lines.map(([name, valueIn], index) => {
      const path = shape("path", { class: `c${index}` });
      svg.append(path);
      const now = h("span", {}, "–");
      return { name, valueIn, path, now, values: [] };
    });
    const top = h("span", {}, "");
    const age = h("span", {}, "");
    const legend = series.map(({ name, now }, index) =>
      h("span", {}, h("i", { class: `c${index}` }), `${name} `, now),
    );
    plots.push({ unit, series, top, age });
    byId("plots").append(
      h(
        "figure",
        { class: "card plot", style: undefined },
        h("h3", {}, title),
        h("div", { class: "scale" }, top, age),
        svg,
        h("figcaption", { class: "legend" }, legend),
      ),
    );
  }
}

function shape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

export function addFigures(figures) {
  const interval = before === undefined ? undefined : addInterval(before, figures);
  before = figures;
  if (interval !== undefined) addPoints((line) => line.valueIn(interval));
}

/** The server was not there: lines have a gap. */
export function addGap() {
  if (before === undefined) return;
  before = undefined;
  addPoints(() => Number.NaN);
}

function addPoints(pointOf) {
  times.push(performance.now());
  if (times.length > POINTS_MAX) times.shift();
  for (const plot of plots) {
    for (const line of plot.series) {
      line.values.push(pointOf(line));
      if (line.values.length > POINTS_MAX) line.values.shift();
    }
    draw(plot);
  }
}

function draw({ unit, series, top, age }) {
  const highest = Math.max(...series.flatMap(({ values }) => values.filter(Number.isFinite)), 0);
  const ceiling = niceAbove(highest);
  top.textContent = `${count(ceiling)} ${unit}`;
  age.textContent = `the last ${duration(times.at(-1) - times[0])}`;
  for (const { values, path, now } of series) {
    path.setAttribute("d", lineThrough(values, ceiling));
    const last = values.at(-1);
    now.textContent = Number.isFinite(last) ? `${shown(last)} ${unit}` : "–";
  }
}

function shown(value) {
  return value < 10 && !Number.isInteger(value) ? value.toFixed(2) : count(Math.round(value));
}

function niceAbove(value) {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((one) => one >= value);
}

function lineThrough(values, ceiling) {
  let d = "";
  let isDrawing = false;
  const step = WIDTH / Math.max(60, values.length - 1);
  for (const [index, value] of values.entries()) {
    if (!Number.isFinite(value)) {
      isDrawing = false;
      continue;
    }
    const x = (WIDTH - (values.length - 1 - index) * step).toFixed(1);
    const y = (HEIGHT - (value / ceiling) * (HEIGHT - 2) - 1).toFixed(1);
    d += `${isDrawing ? "L" : "M"}${x} ${y}`;
    isDrawing = true;
  }
  return d;
}
