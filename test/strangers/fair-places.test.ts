import assert from "node:assert/strict";
import { test } from "node:test";
import { FairPlaces } from "../../src/strangers/fair-places.js";

test("FairPlaces send away the oldest of the address that has most", () => {
  const away: string[] = [];
  const places = new FairPlaces<string>(4, (one) => away.push(one));
  places.take("honest", "a");
  for (const one of ["b1", "b2", "b3"]) places.take(one, "b");
  places.take("late", "c");
  assert.deepEqual(away, ["b1"]);
  places.leave("b2");
  places.leave("b2");
  places.take("d1", "d");
  assert.equal(places.size, 4);
  // All have one: the oldest of them.
  places.take("e1", "e");
  assert.deepEqual(away, ["b1", "honest"]);
  places.leave("honest");
  assert.equal(places.size, 4);
});

test("FairPlaces that are cleared send everybody away", () => {
  const away: string[] = [];
  const places = new FairPlaces<string>(4, (one) => {
    places.leave(one);
    away.push(one);
  });
  for (const one of ["x", "y"]) places.take(one, one);
  places.clear();
  assert.deepEqual(away, ["x", "y"]);
  assert.equal(places.size, 0);
});
