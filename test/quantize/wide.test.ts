/** 16-bit activations: convolutions of two bytes, summed in int32, in ONNX Runtime, in WebAssembly and in the circuit. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isZkonnxError } from '../../src/errors/index.js';
import { decodeModel } from '../../src/onnx/decode.js';
import type { Graph } from '../../src/onnx/graph.js';
import { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import { portableTwin, weights } from './portableTwin.js';

const IMAGE = [1, 2, 4, 4];

function chain(second: (builder: GraphBuilder) => GraphBuilder): Graph {
  const builder = new GraphBuilder().input('x', 'float32', IMAGE).constant('v', 'float32', [4, 2, 3, 3], weights(72, 0.3, 1)).constant('b', 'float32', [4], weights(4, 0.5, 2));
  return second(builder.node('Conv', ['x', 'v', 'b'], 'c', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }).node('Relu', ['c'], 'r')).build();
}

const CASES: readonly { name: string; wide: readonly string[]; graph: Graph }[] = [
  { name: 'Conv with padding and groups', wide: ['r'], graph: chain((b) => b.constant('w', 'float32', [4, 2, 3, 3], weights(72, 0.3, 3)).constant('d', 'float32', [4], [1, -1, 0.5, 0]).node('Conv', ['r', 'w', 'd'], 'y', { kernel_shape: [3, 3], pads: [1, 1, 1, 1], group: 2 }).output('y', 'float32', [1, 4, 4, 4])) },
  { name: 'Conv to 16 bits at the output', wide: ['r', 'y'], graph: chain((b) => b.constant('w', 'float32', [2, 4, 1, 1], weights(8, 0.3, 3)).node('Conv', ['r', 'w'], 'y', { kernel_shape: [1, 1] }).output('y', 'float32', IMAGE)) },
  { name: 'ConvTranspose', wide: ['r'], graph: chain((b) => b.constant('w', 'float32', [4, 2, 2, 2], weights(32, 0.3, 3)).node('ConvTranspose', ['r', 'w'], 'y', { kernel_shape: [2, 2], strides: [2, 2] }).output('y', 'float32', [1, 2, 8, 8])) },
  { name: 'a residual Add, a global average and Gemm', wide: ['r', 's', 'f'], graph: chain((b) => b.constant('w', 'float32', [4, 4, 1, 1], weights(16, 0.4, 3)).node('Conv', ['r', 'w'], 'e', { kernel_shape: [1, 1] }).node('Add', ['r', 'e'], 's').node('GlobalAveragePool', ['s'], 'g').node('Flatten', ['g'], 'f').constant('u', 'float32', [4, 3], weights(12, 0.5, 4)).constant('k', 'float32', [3], [1, 0, -1]).node('Gemm', ['f', 'u', 'k'], 'y').output('y', 'float32', [1, 3])) },
  { name: 'Concat, Slice, Pad, and two readers', wide: ['p'], graph: chain((b) => b.constant('w', 'float32', [4, 4, 1, 1], weights(16, 0.4, 3)).node('Conv', ['r', 'w'], 'e', { kernel_shape: [1, 1] }).node('Concat', ['r', 'e'], 'q', { axis: 1 }).constant('pads', 'int64', [8], [0, 0, 1, 0, 0, 0, 0, 1]).node('Pad', ['q', 'pads'], 'p').constant('z', 'float32', [1, 8, 2, 2], weights(32, 0.3, 5)).node('Conv', ['p', 'z'], 'm', { kernel_shape: [2, 2] }).node('Conv', ['p', 'z'], 'n', { kernel_shape: [2, 2], strides: [2, 2] }).output('m', 'float32', [1, 1, 4, 4]).output('n', 'float32', [1, 1, 2, 2])) },
  { name: 'MaxPool', wide: ['r', 'm', 'y'], graph: chain((b) => b.node('MaxPool', ['r'], 'm', { kernel_shape: [2, 2], strides: [2, 2] }).constant('w', 'float32', [2, 4, 1, 1], weights(8, 0.3, 3)).node('Conv', ['m', 'w'], 'y', { kernel_shape: [1, 1] }).output('y', 'float32', [1, 2, 2, 2])) },
  { name: 'MaxPool with padding, dilations and ceil_mode', wide: ['c', 'm', 'n'], graph: chain((b) => b.node('MaxPool', ['c'], 'm', { kernel_shape: [3, 2], pads: [1, 0, 1, 1], dilations: [1, 2], strides: [1, 1] }).node('MaxPool', ['m'], 'n', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }).constant('w', 'float32', [2, 4, 1, 1], weights(8, 0.3, 3)).node('Conv', ['n', 'w'], 'y', { kernel_shape: [1, 1] }).output('y', 'float32', [1, 2, 2, 2]).output('c', 'float32', [1, 4, 4, 4])) },
  { name: 'AveragePool', wide: ['r', 'a'], graph: chain((b) => b.node('AveragePool', ['r'], 'a', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }).constant('w', 'float32', [2, 4, 1, 1], weights(8, 0.3, 3)).node('Conv', ['a', 'w'], 'y', { kernel_shape: [1, 1] }).output('y', 'float32', IMAGE)) },
  { name: 'the result of a table', wide: ['t'], graph: chain((b) => b.node('Tanh', ['r'], 't').constant('w', 'float32', [2, 4, 1, 1], weights(8, 0.5, 3)).node('Conv', ['t', 'w'], 'y', { kernel_shape: [1, 1] }).output('y', 'float32', IMAGE)) },
  { name: 'an input of the model, from opset 21 on', wide: ['x', 'c'], graph: new GraphBuilder().input('x', 'float32', IMAGE).constant('v', 'float32', [4, 2, 3, 3], weights(72, 0.3, 1)).node('Conv', ['x', 'v'], 'c', { kernel_shape: [3, 3] }).constant('w', 'float32', [1, 4, 1, 1], weights(4, 0.5, 3)).node('Conv', ['c', 'w'], 'y', { kernel_shape: [1, 1] }).output('y', 'float32', [1, 1, 2, 2]).build(21) },
];

describe('16-bit activations', () => {
  for (const { name, wide, graph } of CASES) {
    it(name, async () => {
      const overrides = Object.fromEntries(wide.map((tensor) => [tensor, { bits: 16 as const }]));
      const [narrow, found] = [await portableTwin({ graph, options: { observer: 'minMax' } }), await portableTwin({ graph, options: { observer: 'minMax', overrides } })];
      for (const tensor of wide) assert.equal(found.layers.find(({ floatTensor }) => floatTensor === tensor)?.bits, 16, tensor);
      assert.ok(decodeModel({ bytes: found.model }).nodes.some(({ opType }) => opType === 'ConvInteger'));
      assert.ok(found.decibels > narrow.decibels, `${narrow.decibels} dB, with 16 bits ${found.decibels} dB`);
    });
  }

  it('are chosen until the outputs are as near as was asked for', async () => {
    const graph = (CASES[3] as (typeof CASES)[number]).graph;
    const narrow = await portableTwin({ graph });
    const wider = await portableTwin({ graph, options: { targetDrift: 10 ** ((-narrow.decibels - 1) / 20) } });
    assert.deepEqual(wider.warnings, []);
    assert.ok(wider.layers.some(({ bits }) => bits === 16) && wider.decibels > narrow.decibels);
    const easy = await portableTwin({ graph, options: { targetDrift: 0.5 } });
    assert.ok(easy.layers.every(({ bits }) => bits === 8));
    const impossible = await portableTwin({ graph, options: { targetDrift: 1e-9 } });
    assert.match(impossible.warnings.join(), /differ from the float model.*weights have 8, and so do 'x' \(what is quantized at the entry can have them from opset 21 on, and the model has \d+\)$/);
  });

  it('are refused where an operator has no such form', async () => {
    const graph = chain((b) => b.node('Sigmoid', ['r'], 'y').output('y', 'float32', [1, 4, 4, 4]));
    await assert.rejects(portableTwin({ graph, options: { overrides: { c: { bits: 16 } } } }), (error) => isZkonnxError(error) && error.code === 'USAGE' && /'c' cannot have 16 bits: 'y_node' \(Sigmoid\) reads 8 bits/.test(error.message));
    await assert.rejects(portableTwin({ graph, options: { overrides: { nothing: { bits: 16 } } } }), (error) => isZkonnxError(error) && error.code === 'USAGE');
  });
});
