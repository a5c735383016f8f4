import type { CommittedHistory } from "./committed-history.js";
import type { Recorder } from "./workload.js";

export function checkHistories(_history: CommittedHistory, _recorder: Recorder): void {}
