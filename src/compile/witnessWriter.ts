import { FIELD_PRIME, modulo } from '../r1cs/field.js';
import type { Witness, WitnessSink } from '../r1cs/witness.js';

/** Collects the values of wires. */
export class WitnessWriter implements WitnessSink {
  readonly #values: Int32Array;
  readonly #wide = new Map<number, bigint>();

  constructor(wireCount: number) {
    this.#values = new Int32Array(wireCount);
  }

  set(wire: number, value: number): void {
    if (value === (value | 0)) this.#values[wire] = value;
    else this.setWide(wire, BigInt(value));
  }

  setWide(wire: number, value: bigint): void {
    this.#wide.set(wire, modulo(value, FIELD_PRIME));
  }

  /** Sets one wire and returns the next. */
  own(wire: number, value: number): number {
    this.set(wire, value);
    return wire + 1;
  }

  finish(): Witness {
    const wires = [...this.#wide.keys()].sort((left, right) => left - right);
    return { values: this.#values, wideWires: Uint32Array.from(wires), wideValues: wires.map((wire) => this.#wide.get(wire) as bigint) };
  }
}
