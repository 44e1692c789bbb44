import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertEqualsRuntime } from '../../test/support/compareWithRuntime.js';
import { seeded } from '../../test/support/seeded.js';
import { GraphBuilder } from '../onnx/testing/graphBuilder.js';

describe('matrix products equal ONNX Runtime', () => {
  const random = seeded(3);
  const bytes = (count: number) => Array.from({ length: count }, () => Math.floor(random() * 255) - 127);

  const shapes = [[[4, 6], [6, 5], [4, 5]], [[2, 3, 4], [2, 4, 5], [2, 3, 5]], [[3, 4], [2, 4, 5], [2, 3, 5]], [[2, 1, 3, 4], [3, 4, 2], [2, 3, 3, 2]], [[4], [3, 4, 2], [3, 2]], [[2, 3, 4], [4], [2, 3]]] as const;
  for (const [a, b, y] of shapes) {
    const size = (shape: readonly number[]) => shape.reduce((total, length) => total * length, 1);
    const qlinear = (graph: GraphBuilder, weights: 'left' | 'right' | 'none') => {
      for (const [name, shape, side] of [['a', a, 'left'], ['b', b, 'right']] as const) {
        if (weights === side) graph.constant(name, 'int8', shape, bytes(size(shape)));
        else graph.input(name, 'int8', shape);
        graph.constant(`${name}_scale`, 'float32', [], [0.02]).constant(`${name}_zero`, 'int8', [], [side === 'left' ? 7 : -3]);
      }
      return graph
        .constant('y_scale', 'float32', [], [0.11])
        .constant('y_zero', 'int8', [], [11])
        .node('QLinearMatMul', ['a', 'a_scale', 'a_zero', 'b', 'b_scale', 'b_zero', 'y_scale', 'y_zero'], 'y')
        .output('y', 'int8', y)
        .build();
    };
    for (const weights of ['right', 'left', 'none'] as const) {
      it(`QLinearMatMul [${a.join(', ')}] [${b.join(', ')}], constants: ${weights}`, async () => {
        const rows = await assertEqualsRuntime({ graph: qlinear(new GraphBuilder(), weights), random });
        assert.ok(rows > 0);
      });
    }
    it(`MatMulInteger [${a.join(', ')}] [${b.join(', ')}]`, async () => {
      const graph = new GraphBuilder()
        .input('a', 'uint8', a)
        .constant('b', 'int8', b, bytes(size(b)))
        .constant('a_zero', 'uint8', [], [9])
        .constant('b_zero', 'int8', b.length === 2 ? [b[1] as number] : [], bytes(b.length === 2 ? (b[1] as number) : 1))
        .node('MatMulInteger', ['a', 'b', 'a_zero', 'b_zero'], 'y')
        .output('y', 'int32', y)
        .build();
      await assertEqualsRuntime({ graph, random });
    });
  }
});
