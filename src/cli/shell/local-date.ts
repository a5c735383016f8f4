// A moment as Java's Date.toString prints it, in the zone of this machine: Wed Jul 11 22:21:07 CST 2018.
//
// Node names few zones by the letters that people know (it says GMT+8); Java does. The common ones are listed here, standard
// time and summer time; elsewhere node's name stands.

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = [
  ...["Jan", "Feb", "Mar", "Apr", "May", "Jun"],
  ...["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
];

const ZONES: Readonly<Record<string, readonly [standard: string, summer: string]>> = {
  UTC: ["UTC", "UTC"],
  "Europe/London": ["GMT", "BST"],
  "Europe/Dublin": ["GMT", "IST"],
  "Europe/Lisbon": ["WET", "WEST"],
  "Europe/Moscow": ["MSK", "MSK"],
  "Europe/Istanbul": ["TRT", "TRT"],
  "Asia/Shanghai": ["CST", "CDT"],
  "Asia/Hong_Kong": ["HKT", "HKT"],
  "Asia/Taipei": ["CST", "CDT"],
  "Asia/Singapore": ["SGT", "SGT"],
  "Asia/Tokyo": ["JST", "JDT"],
  "Asia/Seoul": ["KST", "KDT"],
  "Asia/Kolkata": ["IST", "IST"],
  "Asia/Calcutta": ["IST", "IST"],
  "Asia/Jerusalem": ["IST", "IDT"],
  "Asia/Dubai": ["GST", "GST"],
  "America/Sao_Paulo": ["BRT", "BRST"],
};

const CENTRAL_EUROPE = new Set(
  "Amsterdam Berlin Brussels Budapest Copenhagen Madrid Oslo Paris Prague Rome Stockholm Vienna Warsaw Zurich"
    .split(" ")
    .map((city) => `Europe/${city}`),
);
const EASTERN_EUROPE = new Set(
  "Athens Bucharest Helsinki Kiev Kyiv Riga Sofia Tallinn Vilnius"
    .split(" ")
    .map((city) => `Europe/${city}`),
);

export function localDate(wallMs: number): string {
  const date = new Date(wallMs);
  const two = (n: number): string => String(n).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const day = `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${two(date.getDate())}`;
  return `${day} ${time} ${zoneName(date)} ${date.getFullYear()}`;
}

/** As Java's DateFormat.getDateTimeInstance(SHORT, LONG) prints it in English: 7/11/18, 10:21:07 PM CST. */
export function localShortDate(wallMs: number): string {
  const date = new Date(wallMs);
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = date.getHours();
  const time = `${hours % 12 || 12}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const day = `${date.getMonth() + 1}/${date.getDate()}/${two(Math.abs(date.getFullYear()) % 100)}`;
  return `${day}, ${time} ${hours < 12 ? "AM" : "PM"} ${zoneName(date)}`;
}

/** This machine's, when it has been asked for: making one takes longer than using it a thousand times. */
let zone: Intl.DateTimeFormat | undefined;
let names: readonly string[] | undefined;

function zoneName(date: Date): string {
  zone ??= new Intl.DateTimeFormat("en-US", { timeZoneName: "short" });
  names ??= namesOf(zone.resolvedOptions().timeZone) ?? [];
  const [standard, summer] = names;
  if (standard !== undefined && summer !== undefined) return isSummer(date) ? summer : standard;
  const parts = zone.formatToParts(date);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "UTC";
}

function namesOf(zone: string): readonly [string, string] | undefined {
  if (CENTRAL_EUROPE.has(zone)) return ["CET", "CEST"];
  if (EASTERN_EUROPE.has(zone)) return ["EET", "EEST"];
  if (zone === "Australia/Sydney" || zone === "Australia/Melbourne") return ["AEST", "AEDT"];
  return ZONES[zone];
}

/** Ahead of the least that the zone is ahead in that year. */
function isSummer(date: Date): boolean {
  const offset = (month: number): number =>
    new Date(date.getFullYear(), month, 1).getTimezoneOffset();
  return date.getTimezoneOffset() < Math.max(offset(0), offset(6));
}
