import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstViolatedRow } from '../support/checkR1cs.js';
import { bigSystem, withoutBigRow } from './bigSystem.js';
import { findForgery, movableWires } from './linearForgery.js';
import { acceptedMutations } from './mutateWires.js';
import { wholeModel, type WiresOfOperation } from './wholeModel.js';

for (const name of ['mlp.int8.qoperator', 'cnn.int8.qoperator', 'cnn.uint8.qdq']) {
  describe(`whole model ${name}`, () => {
    const model = wholeModel(`examples/digits/${name}.onnx`, 3);
    const system = bigSystem(model.r1cs);
    const wiresOf = ({ first, end }: WiresOfOperation) => Array.from({ length: end - first }, (_, i) => first + i);
    const computed = model.operations.filter(({ kind }) => kind !== 'input');

    it('1,000 wires changed one by one are rejected', () => {
      assert.equal(firstViolatedRow(model.r1cs, model.honest), undefined);
      assert.deepEqual(acceptedMutations(system, model.honest, 1000, 1), []);
    });

    it('no wire can move to first order', () => {
      assert.deepEqual(movableWires(system, model.honest, model.given), []);
    });

    it('no jump of a wire can be repaired into another result, for any operation', () => {
      for (const operation of computed) {
        const forgery = findForgery({ ...operation, system, honest: model.honest, targets: new Set(operation.results), also: model.publicOutputs, starts: wiresOf(operation) });
        assert.equal(forgery, undefined, operation.name);
      }
    });

    it('the attacks succeed when a row is missing', () => {
      for (const operation of computed) {
        const targets = new Set(operation.results);
        const rows = system.rows.flatMap((row, index) => ([row.a, row.b, row.c].some((terms) => terms.some(([wire]) => targets.has(wire))) && isWithin(row, operation) ? [index] : []));
        // Every row in which a result stands, for some results.
        for (const row of rows.filter((_, i) => i % Math.ceil(rows.length / 12) === 0)) {
          // Packing is left to the last attack.
          if (system.rows[row]?.c.some(([wire]) => model.publicOutputs.has(wire))) continue;
          const weaker = withoutBigRow(system, row);
          const near = Object.values(system.rows[row] ?? {}).flat().map(([wire]) => wire).filter((wire) => wire >= operation.first && wire < operation.end);
          const starts = new Set(near.flatMap((wire) => Array.from({ length: 61 }, (_, i) => wire - 30 + i).filter((each) => each >= operation.first && each < operation.end)));
          const forgery = findForgery({ ...operation, system: weaker, honest: model.honest, targets, also: model.publicOutputs, starts });
          assert.ok(forgery !== undefined, `${operation.name} without row ${row}`);
          const forged = model.honest.map((value, wire) => forgery.get(wire) ?? value);
          assert.ok([...targets].some((wire) => forged[wire] !== model.honest[wire]));
        }
      }
      // A row of the packed output: the word is free to first order.
      const word = [...model.publicOutputs][0] as number;
      const [packing] = system.rowsOf[word] as readonly number[];
      assert.deepEqual(movableWires(withoutBigRow(system, packing as number), model.honest, model.given), [word]);
    });
  });
}

function isWithin({ a, b, c }: { a: readonly (readonly [number, bigint])[]; b: readonly (readonly [number, bigint])[]; c: readonly (readonly [number, bigint])[] }, { end }: WiresOfOperation): boolean {
  return [a, b, c].every((terms) => (terms.at(-1)?.[0] ?? 0) < end);
}
