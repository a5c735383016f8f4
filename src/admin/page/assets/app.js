// The page: asks every two seconds while somebody can see it.

import { addFigures, addGap, startCharts } from "./charts.js";
import { byId } from "./dom.js";
import { showEnsemble } from "./ensemble.js";
import { ask, enterAs } from "./server.js";
import { startSessions } from "./sessions.js";
import { startTree } from "./tree.js";

const INTERVAL_MS = 2000;

function trouble(text) {
  byId("trouble").hidden = text === "";
  byId("trouble").textContent = text;
}

/** What a person has asked for: what goes wrong is said. */
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    trouble(`The server does not answer: ${error.message}`);
  }
}

async function look() {
  try {
    const overview = await ask("overview");
    if (overview.error !== undefined) throw new Error(overview.error);
    byId("who").textContent = overview.you.length === 0 ? "anybody" : overview.you.join(", ");
    showEnsemble(overview);
    addFigures(overview.figures);
    trouble("");
  } catch (error) {
    addGap();
    trouble(`The server does not answer: ${error.message}`);
  }
}

async function keepLooking() {
  for (;;) {
    if (!document.hidden) await look();
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}

startCharts();
startSessions(attempt);
const reloadTree = startTree(attempt);
byId("identity").addEventListener("submit", (event) => {
  event.preventDefault();
  enterAs(byId("credentials").value);
  byId("credentials").value = "";
  void look();
  reloadTree();
});
void keepLooking();
