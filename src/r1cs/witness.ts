/**
 * A value for every wire. Almost all wires of our circuits carry small integers, so they stay signed 32-bit numbers all the way
 * to the prover; the few full-width ones (packed words, the context) are kept apart.
 */
export interface Witness {
  /** One signed value per wire; 0 where the wire is listed in `wideWires`. values[0] = 1. */
  readonly values: Int32Array;
  /** Wires with full-width values, ascending. */
  readonly wideWires: Uint32Array;
  /** Their values, each in [0, prime). */
  readonly wideValues: readonly bigint[];
}

/** Where gadgets write the values of their wires. */
export interface WitnessSink {
  /** Sets a wire to a signed 32-bit integer. */
  set(wire: number, value: number): void;
  /** Sets a wire to any field element (an integer, reduced here). */
  setWide(wire: number, value: bigint): void;
}
