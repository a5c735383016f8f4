// What happens in a turn of the loop is gathered here and worked off at its end (door.ts says in which order), and how much of
// a turn each connection gets.
//
// A connection may have a thousand requests in one chunk, and a crowd of them a second's worth of work: whoever has one
// request would wait behind all of it. So a turn takes TURN_FRAMES from whoever is first, and from there on only
// CONNECTION_FRAMES from each connection. What is left stays with its connection, which is not read any further, and
// goes on in later turns, in order, as far as their frames go.
//
// Some requests cost as much as thousands of others: of those a connection gets CONNECTION_TURN_MAX_MS of a turn.

import { CONNECTION_TURN_FRAMES, TURN_FRAMES } from "../limits.js";
import type { Clock } from "../platform/platform.js";
import type { DoorClient } from "./door-context.js";
import { type PausableFrames, Pause } from "./pausable-frames.js";
import type { DisconnectReason } from "./server-port.js";

export interface TurnWork {
  /** First of all. */
  begin(): void;
  closed(connection: DoorClient, reason: DisconnectReason): void;
  /** Last of all. */
  end(): void;
}

export class DoorTurn {
  readonly #clock: Clock;
  readonly #work: TurnWork;
  #toFlush: DoorClient[] = [];
  #toResume: DoorClient[] = [];
  #toGoOn: DoorClient[] = [];
  #toReport: { readonly connection: DoorClient; readonly reason: DisconnectReason }[] = [];
  #isEndDue = false;
  /** Counts turns in which something was done. */
  #number = 0;
  #frames = 0;
  /** What one connection asked for has taken long: those who wait to go on do so in later turns, one after the other. */
  isLate = false;

  constructor(clock: Clock, work: TurnWork) {
    this.#clock = clock;
    this.#work = work;
  }

  get number(): number {
    return this.#number;
  }

  /** One more. Whether the turn has had all that it takes from whoever is first. */
  takeFrame(): boolean {
    if (this.#frames++ === 0) this.endIsDue();
    return this.#frames > TURN_FRAMES;
  }

  willFlush(connection: DoorClient): void {
    this.#toFlush.push(connection);
    if (!this.#isEndDue) this.endIsDue();
  }

  willResume(connection: DoorClient): void {
    this.#toResume.push(connection);
    this.endIsDue();
  }

  /** It has had its share: it goes on in another turn. */
  willGoOn(connection: DoorClient): void {
    this.#toGoOn.push(connection);
    this.endIsDue();
  }

  willReport(connection: DoorClient, reason: DisconnectReason): void {
    this.#toReport.push({ connection, reason });
    this.endIsDue();
  }

  endIsDue(): void {
    if (this.#isEndDue) return;
    this.#isEndDue = true;
    this.#clock.atTurnEnd(this.#end);
  }

  readonly #end = (): void => {
    this.#isEndDue = false;
    this.#number++;
    this.#frames = 0;
    this.isLate = false;
    this.#work.begin();
    this.#goOn();
    this.#resume();
    const toReport = this.#toReport;
    this.#toReport = [];
    for (const { connection, reason } of toReport) this.#work.closed(connection, reason);
    const toFlush = this.#toFlush;
    this.#toFlush = [];
    for (const connection of toFlush) connection.flush();
    this.#work.end();
  };

  #goOn(): void {
    const toGoOn = this.#toGoOn;
    this.#toGoOn = [];
    let gone = 0;
    while (gone < toGoOn.length && !this.isLate) toGoOn[gone++]!.goOn();
    if (gone === toGoOn.length) return;
    this.#toGoOn = [...toGoOn.slice(gone), ...this.#toGoOn];
    this.endIsDue();
  }

  /** As many as the turn takes; the others are the first of the next. */
  #resume(): void {
    const toResume = this.#toResume;
    this.#toResume = [];
    let resumed = 0;
    const hasRoom = () => this.#frames < TURN_FRAMES && !this.isLate;
    while (resumed < toResume.length && hasRoom()) toResume[resumed++]!.resume();
    if (resumed === toResume.length) return;
    this.#toResume = [...toResume.slice(resumed), ...this.#toResume];
    this.endIsDue();
  }
}

/** What one connection has had of the present turn, and whether it waits for another. */
export class TurnShare {
  /** No further answers before `goOn`. */
  isPutOff = false;
  readonly #turn: DoorTurn;
  readonly #client: DoorClient;
  readonly #input: PausableFrames;
  #number = -1;
  #frames = 0;

  constructor(turn: DoorTurn, client: DoorClient, input: PausableFrames) {
    this.#turn = turn;
    this.#client = client;
    this.#input = input;
  }

  /** One more frame. After the last for now there is none before `goOn`. */
  take(): void {
    const isSpent = this.#turn.takeFrame();
    if (this.#number !== this.#turn.number) {
      this.#number = this.#turn.number;
      this.#frames = 0;
    }
    if (++this.#frames >= CONNECTION_TURN_FRAMES && isSpent) this.#wait();
  }

  /** What it asked for took long. */
  putOff(): void {
    if (this.isPutOff) return;
    this.isPutOff = true;
    this.#turn.isLate = true;
    this.#wait();
  }

  /** Whether answers were put off. */
  goOn(): boolean {
    const wasPutOff = this.isPutOff;
    this.isPutOff = false;
    this.#input.unpause(Pause.turn);
    return wasPutOff;
  }

  #wait(): void {
    if (!this.#client.isOpen || this.#input.isPausedFor(Pause.turn)) return;
    this.#input.pause(Pause.turn);
    this.#turn.willGoOn(this.#client);
  }
}
