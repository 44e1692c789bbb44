import assert from 'node:assert/strict';
import { it } from 'node:test';
import { inferTypes } from '../onnx/inferShapes.js';
import { GraphBuilder } from '../onnx/testing/graphBuilder.js';
import { unportableNodes } from './portability.js';
import { readCore } from './readCore.js';

const nodesOf = (model: string): string[] => unportableNodes(readCore({ model: `examples/digits/${model}`, batch: 1 }).canonical.graph).map(({ node }) => node);

it('products of int8 and int8 are portable, of uint8 and int8 they are not', () => {
  for (const form of ['qoperator', 'qdq']) {
    assert.deepEqual(nodesOf(`cnn.int8.${form}.onnx`), []);
    assert.equal(nodesOf(`cnn.uint8.${form}.onnx`).length, 3, form);
  }
});

it('tables of exact multiplications are portable, sums of floats and fused multiply-adds are not', () => {
  const parameters = (names: readonly string[]) => names.flatMap((name) => [name, 'scale', 'zero']);
  const verdictOf = (opType: string, inputs: readonly string[]): number => {
    const graph = new GraphBuilder().input('x', 'int8', [1, 2, 2]).constant('scale', 'float32', [], [0.5]).constant('zero', 'int8', [], [1])
      .node(opType, inputs, 'y', opType === 'QLinearConcat' ? { axis: 1 } : {}, 'com.microsoft').output('y', 'int8', ['?']).build();
    return unportableNodes(inferTypes(graph)).length;
  };
  assert.equal(verdictOf('QLinearLeakyRelu', [...parameters(['x']), 'scale', 'zero']), 0);
  assert.equal(verdictOf('QLinearConcat', ['scale', 'zero', ...parameters(['x', 'x'])]), 0);
  assert.equal(verdictOf('QLinearSigmoid', [...parameters(['x']), 'scale', 'zero']), 1);
  assert.equal(verdictOf('QLinearAdd', [...parameters(['x', 'x']), 'scale', 'zero']), 1);
});

it('a quotient of two tensors is not portable, since 0 / 0 is quantized differently', () => {
  const q = { type: 'int8', scale: 0.5, zeroPoint: 0 } as const;
  const graph = new GraphBuilder().input('a', 'int8', [2]).input('b', 'int8', [2]).dequantize('a', 'x', q).dequantize('b', 'z', q).node('Div', ['x', 'z'], 'v').quantize('v', 'y', q).output('y', 'int8', [2]).build();
  assert.deepEqual(unportableNodes(inferTypes(graph)).map(({ node }) => node), ['v_node']);
});
