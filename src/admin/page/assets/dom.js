// Building the document. Everything that came from the server gets in as text, here and nowhere else.

/** `h("td", { class: "number" }, 5)`: attributes, a function for `click`, and children, strings among them. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().map((child) => (child instanceof Node ? child : `${child}`)));
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

/** Pairs of a term and what is said of it; those with nothing to say are left out. */
export function definitions(pairs) {
  const said = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return said.flatMap(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]);
}

/**
 * Names and data are whatever clients made them: what cannot be seen, or makes text run backwards, is written as an escape,
 * so that two different names never look alike and none changes what stands around it.
 */
export function visible(text, keepsLines = false) {
  const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
  return text.replace(unseen, (character) => {
    if (keepsLines && (character === "\n" || character === "\t")) return character;
    return `\\u{${character.codePointAt(0).toString(16)}}`;
  });
}

export function count(value) {
  return value === null || value === undefined ? "" : value.toLocaleString("en-GB");
}

export function bytes(value) {
  if (value < 1024) return `${value} B`;
  const units = ["KB", "MB", "GB", "TB"];
  let index = -1;
  let rest = value;
  while (rest >= 1024 && index < units.length - 1) {
    rest /= 1024;
    index++;
  }
  return `${rest.toFixed(rest < 10 ? 1 : 0)} ${units[index]}`;
}

export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  if (minutes > 0) return `${minutes} min ${seconds % 60} s`;
  return `${seconds} s`;
}

export function time(ms) {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms}` : date.toISOString().replace("T", " ").slice(0, 19);
}
