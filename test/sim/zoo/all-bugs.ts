import { AGREEMENT_BUGS } from "./agreement-bugs.js";
import type { Bug } from "./bug.js";
import { CLIENT_BUGS } from "./client-bugs.js";
import { DURABILITY_BUGS } from "./durability-bugs.js";
import { SYNCHRONIZATION_BUGS } from "./synchronization-bugs.js";

export const BUGS: readonly Bug[] = [
  ...DURABILITY_BUGS,
  ...SYNCHRONIZATION_BUGS,
  ...AGREEMENT_BUGS,
  ...CLIENT_BUGS,
];
