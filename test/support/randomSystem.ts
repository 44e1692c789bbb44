/** Small random constraint systems with a satisfying witness, for tests of file formats, keys and proofs. */
import { FIELD_PRIME, modulo } from '../../src/r1cs/field.js';
import { R1csBuilder } from '../../src/r1cs/builder.js';
import { wire, type LinearCombination } from '../../src/r1cs/linearCombination.js';
import type { R1cs } from '../../src/r1cs/r1cs.js';
import type { Witness } from '../../src/r1cs/witness.js';
import { seeded } from './seeded.js';

export interface RandomSystemParameters {
  readonly seed: number;
  readonly rows: number;
  /** Public outputs (the first rows produce them); default 2. */
  readonly outputs?: number;
  /** Public inputs; default 1. */
  readonly inputs?: number;
  /** Terms of each combination; default 3. */
  readonly terms?: number;
}

/** Rows (A·w)(B·w) = w_next of random combinations of earlier wires; every third row is a linear one, 0·0 = C. */
export function randomSystem({ seed, rows, outputs = 2, inputs = 1, terms = 3 }: RandomSystemParameters): { r1cs: R1cs; witness: Witness } {
  const random = seeded(seed);
  const below = (count: number) => Math.floor(random() * count);
  const builder = new R1csBuilder({ publicOutputCount: outputs, publicInputCount: inputs });
  const values: bigint[] = new Array<bigint>(1 + outputs + inputs).fill(0n);
  const known = [0];
  values[0] = 1n;
  for (let index = 0; index < inputs; index++) {
    values[1 + outputs + index] = BigInt(below(256) - 128);
    known.push(1 + outputs + index);
  }
  const combination = (): LinearCombination => {
    const wires = Array.from({ length: terms }, () => known[below(known.length)] as number);
    const coefficients = wires.map((_, index) => (index === 0 && random() < 0.05 ? BigInt(below(2 ** 30)) << 200n : below(255) - 127));
    return { wires, coefficients };
  };
  const evaluate = ({ wires, coefficients }: LinearCombination) =>
    modulo(wires.reduce((sum, index, term) => sum + BigInt(coefficients[term] as number | bigint) * (values[index] as bigint), 0n));
  for (let row = 0; row < rows; row++) {
    const target = row < outputs ? 1 + row : builder.allocate(1);
    // Small values now and then, of both signs, as in a real witness.
    if (row % 3 === 2) {
      const source = combination();
      builder.enforceZero({ wires: [...source.wires, target], coefficients: [...source.coefficients, -1] });
      values[target] = evaluate(source);
    } else {
      const left = row % 3 === 0 ? combination() : { wires: [0], coefficients: [below(3) - 1] };
      const right = row % 3 === 0 ? combination() : { wires: [0], coefficients: [below(100)] };
      builder.enforce(left, right, wire(target));
      values[target] = modulo(evaluate(left) * evaluate(right));
    }
    known.push(target);
  }
  return { r1cs: builder.finish(), witness: toWitness(values) };
}

/** A witness of these values, small ones kept small. */
export function toWitness(integers: readonly bigint[]): Witness {
  const values = new Int32Array(integers.length);
  const wideWires: number[] = [];
  const wideValues: bigint[] = [];
  integers.forEach((integer, index) => {
    const value = modulo(integer);
    const signed = value > FIELD_PRIME / 2n ? value - FIELD_PRIME : value;
    if (signed >= -(2n ** 31n) && signed < 2n ** 31n) values[index] = Number(signed);
    else {
      wideWires.push(index);
      wideValues.push(value);
    }
  });
  return { values, wideWires: Uint32Array.from(wideWires), wideValues };
}
