// What happens in a turn of the loop is gathered here and worked off at its end (door.ts says in which order), and how much of
// a turn each connection gets.
//
// A connection may have a thousand requests in one chunk, and a crowd of them a second's worth of work: whoever has one
// request would wait behind all of it. So a turn takes TURN_FRAMES from whoever is first, and from there on only
// CONNECTION_FRAMES from each connection. What is left stays with its connection, which is not read any further, and
// goes on in later turns, in order, as far as their frames go.

import { CONNECTION_TURN_FRAMES, TURN_FRAMES } from "../limits.js";
import type { Clock } from "../platform/platform.js";
import type { DoorClient } from "./door-context.js";
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
    this.#work.begin();
    const toGoOn = this.#toGoOn;
    this.#toGoOn = [];
    for (const connection of toGoOn) connection.goOn();
    this.#resume();
    const toReport = this.#toReport;
    this.#toReport = [];
    for (const { connection, reason } of toReport) this.#work.closed(connection, reason);
    const toFlush = this.#toFlush;
    this.#toFlush = [];
    for (const connection of toFlush) connection.flush();
    this.#work.end();
  };

  /** As many as the turn takes; the others are the first of the next. */
  #resume(): void {
    const toResume = this.#toResume;
    this.#toResume = [];
    let resumed = 0;
    while (resumed < toResume.length && this.#frames < TURN_FRAMES) toResume[resumed++]!.resume();
    if (resumed === toResume.length) return;
    this.#toResume = [...toResume.slice(resumed), ...this.#toResume];
    this.endIsDue();
  }
}

/** What one connection has had of the present turn. */
export class TurnShare {
  readonly #turn: DoorTurn;
  #number = -1;
  #frames = 0;

  constructor(turn: DoorTurn) {
    this.#turn = turn;
  }

  /** One more frame. Whether it was the last for now. */
  take(): boolean {
    const isSpent = this.#turn.takeFrame();
    if (this.#number !== this.#turn.number) {
      this.#number = this.#turn.number;
      this.#frames = 0;
    }
    return ++this.#frames >= CONNECTION_TURN_FRAMES && isSpent;
  }
}
