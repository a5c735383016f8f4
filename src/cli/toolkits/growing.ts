// Arrays of numbers that grow by doubling, outside of the engine's heap.

const FIRST_LENGTH = 1024;

export class GrowingInts {
  #values = new Int32Array(FIRST_LENGTH);

  get(index: number): number {
    return this.#values[index]!;
  }

  set(index: number, value: number): void {
    if (index >= this.#values.length) {
      const grown = new Int32Array(Math.max(index + 1, this.#values.length * 2));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[index] = value;
  }
}

export class GrowingDoubles {
  #values = new Float64Array(FIRST_LENGTH);

  get(index: number): number {
    return this.#values[index]!;
  }

  set(index: number, value: number): void {
    if (index >= this.#values.length) {
      const grown = new Float64Array(Math.max(index + 1, this.#values.length * 2));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[index] = value;
  }
}
