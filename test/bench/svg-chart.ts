// Curves as pictures: a few lines over a logarithmic axis, in SVG, readable on light and dark pages.

export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly x: readonly number[];
  /** NaN: not measured. */
  readonly lines: readonly { readonly name: string; readonly y: readonly number[] }[];
}

const WIDTH = 640;
const HEIGHT = 320;
const MARGIN = { left: 64, right: 150, top: 40, bottom: 52 };
const COLORS = ["#2f6fb0", "#c1542d", "#3d8b4f", "#8a5fb0"];
const GRID_LINES = 4;

export function svgOf(chart: Chart): string {
  const { title, xLabel, yLabel, x, lines } = chart;
  const top = niceAbove(Math.max(...lines.flatMap(({ y }) => y.filter(Number.isFinite)), 0));
  const [first, last] = [Math.log(x[0]!), Math.log(x.at(-1)!)];
  const plotWidth = WIDTH - MARGIN.left - MARGIN.right;
  const plotHeight = HEIGHT - MARGIN.top - MARGIN.bottom;
  const across = (value: number) =>
    MARGIN.left + (last === first ? 0 : (Math.log(value) - first) / (last - first)) * plotWidth;
  const up = (value: number) => MARGIN.top + (1 - value / top) * plotHeight;
  const parts: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}" font-family="sans-serif" font-size="12" fill="#777">`,
    `<text x="${MARGIN.left}" y="20" font-size="14" font-weight="bold">${escaped(title)}</text>`,
  ];
  for (let i = 0; i <= GRID_LINES; i++) {
    const value = (top / GRID_LINES) * i;
    const y = up(value).toFixed(1);
    parts.push(
      `<path d="M${MARGIN.left} ${y}H${WIDTH - MARGIN.right}" stroke="#999" stroke-opacity="0.3"/>`,
      `<text x="${MARGIN.left - 6}" y="${y}" dy="4" text-anchor="end">${short(value)}</text>`,
    );
  }
  for (const value of x) {
    const at = `x="${across(value).toFixed(1)}" y="${HEIGHT - MARGIN.bottom + 18}"`;
    parts.push(`<text ${at} text-anchor="middle">${short(value)}</text>`);
  }
  const middle = MARGIN.left + plotWidth / 2;
  parts.push(
    `<text x="${middle}" y="${HEIGHT - 12}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text x="14" y="${MARGIN.top - 10}">${escaped(yLabel)}</text>`,
  );
  lines.forEach(({ name, y }, i) => {
    const color = COLORS[i % COLORS.length]!;
    const points = x
      .map((value, at) => ({ x: across(value).toFixed(1), y: y[at]! }))
      .filter((point) => Number.isFinite(point.y))
      .map((point) => ({ ...point, y: up(point.y).toFixed(1) }));
    const path = points.map((point, at) => `${at === 0 ? "M" : "L"}${point.x} ${point.y}`).join("");
    parts.push(`<path d="${path}" fill="none" stroke="${color}" stroke-width="2"/>`);
    for (const point of points) {
      parts.push(`<circle cx="${point.x}" cy="${point.y}" r="3" fill="${color}"/>`);
    }
    const legendY = MARGIN.top + 8 + i * 18;
    const legendX = WIDTH - MARGIN.right + 12;
    parts.push(
      `<path d="M${legendX} ${legendY}h16" stroke="${color}" stroke-width="2"/>`,
      `<text x="${legendX + 22}" y="${legendY + 4}">${escaped(name)}</text>`,
    );
  });
  return `${parts.join("\n")}\n</svg>\n`;
}

/** 1500 as 1.5k: axes have little room. */
function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e3) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}

function niceAbove(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 8, 10].map((step) => step * power).find((one) => one >= value)!;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
