// logback's %d{ISO8601}: local time, a space in the middle, a comma before the milliseconds.

let second = Number.NaN;
let prefix = "";

/** The part up to the second is kept: a burst of lines costs one look at the calendar. */
export function timestamp(wallMs: number): string {
  const now = Math.floor(wallMs / 1000);
  if (now !== second) {
    second = now;
    prefix = calendar(new Date(now * 1000));
  }
  return `${prefix},${String(wallMs - now * 1000).padStart(3, "0")}`;
}

function calendar(date: Date): string {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
