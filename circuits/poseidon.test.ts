import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { PoseidonParameters } from '../src/poseidon/parameters.js';
import { poseidonParameters } from '../src/poseidon/parameters.js';
import { FIELD_PRIME, inverse, modulo } from '../src/r1cs/field.js';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { bigSystem, withoutBigRow } from '../test/soundness/bigSystem.js';
import { assertHonest } from '../test/soundness/honest.js';
import { movableWires } from '../test/soundness/linearForgery.js';
import { assertSound, eachTuple } from '../test/soundness/trial.js';
import { firstViolatedRow, wireValues } from '../test/support/checkR1cs.js';
import { referencePoseidon } from '../test/support/referencePoseidon.js';
import { WitnessWriter } from '../src/compile/witnessWriter.js';
import { R1csBuilder } from '../src/r1cs/builder.js';
import { wire } from '../src/r1cs/linearCombination.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignPoseidon, constrainPoseidon, poseidonRows } from './poseidon.js';
import { RangeChecks } from './range.js';

/** A small Poseidon: any constants, and the Cauchy matrix of 0 … width − 1 and width … 2·width − 1. */
function reducedInstance(prime: number, width: number, fullRounds: number, partialRounds: number): PoseidonParameters {
  assert.notEqual(prime % 5, 1, 'x^5 is a permutation');
  const p = BigInt(prime);
  return {
    prime: p,
    width,
    fullRounds,
    partialRounds,
    roundConstants: Array.from({ length: fullRounds + partialRounds }, (_, round) => Array.from({ length: width }, (_, lane) => BigInt((7 * round + 3 * lane + 2 * round * lane + 1) % prime))),
    mds: Array.from({ length: width }, (_, i) => Array.from({ length: width }, (_, j) => inverse(modulo(BigInt(i - width - j), p), p))),
  };
}

/** The permutation by its definition, in small numbers. */
function plainPoseidon({ prime, fullRounds, partialRounds, roundConstants, mds }: PoseidonParameters, inputs: readonly number[]): number {
  const p = Number(prime);
  let state = [0, ...inputs].map((value) => ((value % p) + p) % p);
  for (let round = 0; round < fullRounds + partialRounds; round++) {
    const full = round < fullRounds / 2 || round >= fullRounds / 2 + partialRounds;
    const boxed = state.map((value, lane) => {
      const x = (value + Number(roundConstants[round]?.[lane])) % p;
      return full || lane === 0 ? (((x * x * x) % p) * x * x) % p : x;
    });
    state = mds.map((row) => row.reduce((sum, factor, lane) => sum + Number(factor) * (boxed[lane] as number), 0) % p);
  }
  return state[0] as number;
}

function reducedTrial(parameters: PoseidonParameters, constants: readonly number[], inputs: readonly (readonly number[])[]) {
  return {
    prime: Number(parameters.prime),
    build: (cs: ConstraintSystem, given: readonly LinearCombination[]) => [constrainPoseidon(cs, parameters, { constants: constants.map(BigInt), inputs: given })],
    inputs,
    expected: (input: readonly number[]) => [plainPoseidon(parameters, [...constants, ...input])],
  };
}

describe('poseidon', () => {
  it('a small instance of two lanes: every assignment, every row needed', () => {
    const parameters = reducedInstance(13, 2, 4, 2);
    assertSound(reducedTrial(parameters, [], eachTuple(1, 0, 12)));
  });

  it('three lanes, one of them constant: every assignment, every row needed', () => {
    const parameters = reducedInstance(7, 3, 2, 2);
    assertSound(reducedTrial(parameters, [], eachTuple(2, 0, 6)));
    assertSound(reducedTrial(parameters, [4], eachTuple(1, 0, 6)));
  });

  describe('over BN254', () => {
    let reference: (inputs: readonly bigint[]) => bigint;
    before(async () => {
      reference = await referencePoseidon();
    });

    for (const width of [2, 3, 4, 6, 9, 17]) {
      it(`width ${width}: the witness satisfies the rows, and the hash is circomlibjs's`, () => {
        const parameters = poseidonParameters(width - 1);
        const constants = width > 2 ? [123n] : [];
        const free = width - 1 - constants.length;
        assertHonest({
          build: (cs, inputs) => [constrainPoseidon(cs, parameters, { constants, inputs })],
          assign: (sink: WitnessSink, first: number, input: readonly number[]) => assignPoseidon(sink, first, parameters, { constants, inputs: input.map((value) => modulo(BigInt(value))), ownOutput: true }).next,
          inputs: [Array.from({ length: free }, (_, i) => i * i), Array.from({ length: free }, (_, i) => -1 - i)],
          expected: (input) => [reference([...constants, ...input.map((value) => modulo(BigInt(value)))])],
          rows: poseidonRows(parameters, constants.length),
        });
      });
    }

    it('no wire can move to first order, and without a row one can', () => {
      const parameters = poseidonParameters(2);
      const builder = new R1csBuilder({ publicOutputCount: 0, publicInputCount: 0 });
      const cs: ConstraintSystem = { builder, ranges: new RangeChecks(builder) };
      const first = builder.allocate(2);
      const out = constrainPoseidon(cs, parameters, { constants: [], inputs: [wire(first), wire(first + 1)] });
      const r1cs = builder.finish();
      const writer = new WitnessWriter(r1cs.wireCount);
      writer.set(0, 1);
      writer.set(first, 5);
      writer.set(first + 1, 77);
      assignPoseidon(writer, first + 2, parameters, { constants: [], inputs: [5n, 77n], ownOutput: true });
      const honest = wireValues(writer.finish(), FIELD_PRIME);
      assert.equal(firstViolatedRow(r1cs, honest), undefined);
      assert.equal(honest[out.wires[0] as number], reference([5n, 77n]));
      const system = bigSystem(r1cs);
      const given = new Set([0, first, first + 1]);
      assert.deepEqual(movableWires(system, honest, given), []);
      for (let row = 0; row < r1cs.rowCount; row += 5) assert.ok(movableWires(withoutBigRow(system, row), honest, given).length > 0, `without row ${row}`);
    });
  });

  it('rows of each width, and the entries of A and B', () => {
    const widths = Array.from({ length: 16 }, (_, i) => i + 2);
    assert.deepEqual(
      widths.map((width) => poseidonRows({ ...poseidonParameters(width - 1), width }, 0)),
      [216, 245, 268, 306, 332, 367, 396, 419, 436, 480, 488, 529, 570, 566, 604, 642],
    );
    const builder = new R1csBuilder({ publicOutputCount: 0, publicInputCount: 0 });
    const first = builder.allocate(16);
    const parameters = poseidonParameters(16);
    constrainPoseidon({ builder, ranges: new RangeChecks(builder) }, parameters, { constants: [], inputs: Array.from({ length: 16 }, (_, i) => wire(first + i)) });
    const { a, b } = builder.finish();
    // One entry for each of the three rows of an S-box that is not the constant one.
    const boxes = 17 * 8 + parameters.partialRounds - 1;
    assert.deepEqual([a.wires.length, b.wires.length], [3 * boxes, 3 * boxes]);
  });
});
