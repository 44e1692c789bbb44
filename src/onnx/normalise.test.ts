import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareWithOriginal } from '../runtime/compare.js';
import { openSession, release } from '../runtime/session.js';
import { bindShapes } from './bindShapes.js';
import { encodeModel } from './encode.js';
import type { ElementType, Graph, Tensor } from './graph.js';
import { inferTypes } from './inferShapes.js';
import { normalise, type CanonicalGraph } from './normalise.js';
import { GraphBuilder, integers, tensor } from './testing/graphBuilder.js';
import { throwsCode } from './testing/throws.js';

const canonicalOf = (graph: Graph): CanonicalGraph => normalise(inferTypes(bindShapes(graph)));
const operators = ({ graph }: CanonicalGraph): string[] => graph.nodes.map(({ opType }) => opType);

/** Inputs that hit ties and saturation: multiples of 1/8 around zero, or whole integer ranges. */
function inputsFor(graph: Graph, seed: number): Map<string, Tensor> {
  return new Map(graph.inputs.map(({ name, type, shape }, index) => {
    const count = (shape as number[]).reduce((product, dimension) => product * dimension, 1);
    const range = type === 'float32' ? { lo: -400, hi: 400 } : type === 'int8' ? { lo: -128, hi: 127 } : { lo: 0, hi: 255 };
    const values = integers({ count, ...range, seed: seed + 17 * index });
    return [name, tensor(type, shape as number[], type === 'float32' ? values.map((value) => value / 8) : values)];
  }));
}

/**
 * Normalises, and compares every output bit with the original in ONNX Runtime, optimisation off and on. All scales in these graphs
 * are powers of two, so that float32 is exact and the QDQ original has only one meaning.
 */
async function equalToOriginal(graph: Graph, expectedOperators: readonly string[], levels: readonly ('disabled' | 'all')[] = ['disabled', 'all']): Promise<CanonicalGraph> {
  const original = inferTypes(bindShapes(graph));
  const canonical = normalise(original);
  assert.deepEqual(operators(canonical), expectedOperators);
  for (const optimisation of levels) {
    const inputs = Array.from({ length: 8 }, (_, seed) => inputsFor({ ...graph, inputs: original.inputs }, seed));
    const result = await compareWithOriginal({ model: { bytes: encodeModel(original) }, original, canonical, inputs, optimisation });
    assert.ok(result.elements > 0);
    assert.deepEqual([result.differing, result.first], [0, undefined], optimisation);
  }
  return canonical;
}

interface Style { x: ElementType; w: ElementType; zx: number; zy: number }
const STYLES: readonly Style[] = [
  { x: 'uint8', w: 'uint8', zx: 7, zy: 100 },
  { x: 'uint8', w: 'int8', zx: 128, zy: 0 },
  { x: 'int8', w: 'int8', zx: -3, zy: -20 },
];

/** x → Q → DQ → Conv(w per channel, bias) → … → Q → DQ → y. */
function convolution({ x, w, zx, zy }: Style, options: { attributes?: Record<string, number | readonly number[] | string>; between?: (builder: GraphBuilder) => string; biasScale?: readonly number[]; opset?: number; output?: readonly number[] } = {}): Graph {
  const scales = [0.25, 0.5, 0.125, 1];
  const wRange = w === 'int8' ? { lo: -60, hi: 60 } : { lo: 0, hi: 30 };
  const builder = new GraphBuilder()
    .input('x', 'float32', ['N', 2, 5, 5])
    .quantize('x', 'xq', { type: x, scale: 0.5, zeroPoint: zx }).dequantize('xq', 'xd', { type: x, scale: 0.5, zeroPoint: zx })
    .constant('wq', w, [4, 2, 3, 3], integers({ count: 72, ...wRange, seed: 5 })).dequantize('wq', 'wd', { type: w, scale: scales, zeroPoint: w === 'int8' ? 0 : 11, axis: 0 })
    .constant('bq', 'int32', [4], integers({ count: 4, lo: -500, hi: 500, seed: 6 })).dequantize('bq', 'bd', { type: 'int32', scale: options.biasScale ?? scales.map((scale) => scale / 2), zeroPoint: 0, axis: 0 })
    .node('Conv', ['xd', 'wd', 'bd'], 'c', options.attributes ?? { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  const last = options.between?.(builder) ?? 'c';
  return builder
    .quantize(last, 'yq', { type: x, scale: 16, zeroPoint: zy }).dequantize('yq', 'y', { type: x, scale: 16, zeroPoint: zy })
    .output('y', 'float32', ['N', 4, 5, 5]).build(options.opset);
}

describe('products', () => {
  for (const style of STYLES) {
    it(`Conv becomes QLinearConv, ${style.x} × ${style.w}`, async () => {
      const { entries, exits, origin } = await equalToOriginal(convolution(style), ['QLinearConv']);
      assert.deepEqual(entries, [{ input: 'x', tensor: 'xq', type: style.x, scale: 0.5, zeroPoint: style.zx }]);
      assert.deepEqual(exits, [{ tensor: 'yq', output: 'y', dequantized: 'y', scale: 16, zeroPoint: style.zy }]);
      assert.deepEqual([...origin], [['c_node', 'c_node + yq_node']]);
    });
  }

  it('Conv keeps its geometry', async () => {
    for (const attributes of [{ pads: [2, 2, 2, 2], dilations: [2, 2] }, { auto_pad: 'SAME_UPPER' }, { pads: [0, 1, 2, 1] }]) {
      await equalToOriginal(convolution(STYLES[0] as Style, { attributes }), ['QLinearConv']);
    }
  });

  it('Relu and Clip after Conv become an integer Clip, or nothing when the type already clips', async () => {
    const relu = (builder: GraphBuilder): string => { builder.node('Relu', ['c'], 'r'); return 'r'; };
    const clip = (builder: GraphBuilder): string => { builder.constant('lo', 'float32', [], [0]).constant('hi', 'float32', [], [600]).node('Clip', ['c', 'lo', 'hi'], 'r'); return 'r'; };
    await equalToOriginal(convolution(STYLES[0] as Style, { between: relu }), ['QLinearConv', 'Clip']);
    await equalToOriginal(convolution(STYLES[1] as Style, { between: relu }), ['QLinearConv']);
    await equalToOriginal(convolution(STYLES[2] as Style, { between: relu }), ['QLinearConv', 'Clip']);
    await equalToOriginal(convolution(STYLES[1] as Style, { between: clip }), ['QLinearConv', 'Clip']);
  });

  it('Gemm becomes QGemm with alpha, transB and any form of bias', async () => {
    for (const [bias, alpha] of [[[3], 1], [[1, 3], 1], [[], 2], [[1], 0.5], [undefined, 1]] as [readonly number[] | undefined, number][]) {
      const builder = new GraphBuilder()
        .input('x', 'float32', [2, 4]).quantize('x', 'xq', { type: 'int8', scale: 0.5, zeroPoint: 3 }).dequantize('xq', 'xd', { type: 'int8', scale: 0.5, zeroPoint: 3 })
        .constant('wq', 'int8', [3, 4], integers({ count: 12, lo: -90, hi: 90, seed: 1 })).dequantize('wq', 'wd', { type: 'int8', scale: 0.25, zeroPoint: 0 });
      const count = bias?.reduce((product, dimension) => product * dimension, 1) ?? 0;
      if (bias) builder.constant('bq', 'int32', bias, integers({ count, lo: -300, hi: 300, seed: 2 })).dequantize('bq', 'bd', { type: 'int32', scale: 0.125 * alpha, zeroPoint: 0 });
      const graph = builder.node('Gemm', bias ? ['xd', 'wd', 'bd'] : ['xd', 'wd'], 'g', { alpha: { float: alpha }, transB: 1 })
        .quantize('g', 'yq', { type: 'int8', scale: 8, zeroPoint: -5 }).dequantize('yq', 'y', { type: 'int8', scale: 8, zeroPoint: -5 }).output('y', 'float32', [2, 3]).build();
      await equalToOriginal(graph, ['QGemm']);
    }
  });

  it('MatMul becomes QLinearMatMul, by weights per column and of two activations', async () => {
    const begin = (): GraphBuilder => new GraphBuilder().input('x', 'float32', [2, 3, 4]).quantize('x', 'xq', { type: 'uint8', scale: 0.5, zeroPoint: 30 }).dequantize('xq', 'xd', { type: 'uint8', scale: 0.5, zeroPoint: 30 });
    const end = (builder: GraphBuilder): Graph => builder.quantize('m', 'yq', { type: 'uint8', scale: 32, zeroPoint: 77 }).dequantize('yq', 'y', { type: 'uint8', scale: 32, zeroPoint: 77 }).output('y', 'float32', ['a', 'b', 'c']).build();
    const weights = begin().constant('wq', 'int8', [4, 2], integers({ count: 8, lo: -99, hi: 99, seed: 3 })).dequantize('wq', 'wd', { type: 'int8', scale: [0.5, 2], zeroPoint: 0, axis: 1 }).node('MatMul', ['xd', 'wd'], 'm');
    await equalToOriginal(end(weights), ['QLinearMatMul']);
    const transposed = begin().constant('wq', 'int8', [2, 4], integers({ count: 8, lo: -99, hi: 99, seed: 3 })).dequantize('wq', 'wd', { type: 'int8', scale: [0.5, 2], zeroPoint: 0, axis: 0 }).node('Transpose', ['wd'], 'wt', { perm: [1, 0] }).node('MatMul', ['xd', 'wt'], 'm');
    await equalToOriginal(end(transposed), ['QLinearMatMul']);
    const both = begin().node('Transpose', ['xd'], 'xt', { perm: [0, 2, 1] }).node('MatMul', ['xd', 'xt'], 'm');
    await equalToOriginal(end(both), ['Transpose', 'QLinearMatMul']);
  });

  it('MatMul, then Add of an int32 bias, becomes QGemm, as a matrix when there are more dimensions', async () => {
    for (const shape of [[3, 4], [2, 3, 4]]) {
      for (const order of [['m', 'bd'], ['bd', 'm']]) {
        const graph = new GraphBuilder().input('x', 'float32', shape).quantize('x', 'xq', { type: 'uint8', scale: 0.5, zeroPoint: 30 }).dequantize('xq', 'xd', { type: 'uint8', scale: 0.5, zeroPoint: 30 })
          .constant('wq', 'int8', [4, 2], integers({ count: 8, lo: -99, hi: 99, seed: 3 })).dequantize('wq', 'wd', { type: 'int8', scale: 0.25, zeroPoint: 0 })
          .constant('bq', 'int32', [2], [-400, 300]).dequantize('bq', 'bd', { type: 'int32', scale: 0.125, zeroPoint: 0 })
          .node('MatMul', ['xd', 'wd'], 'm').node('Add', order, 's')
          .quantize('s', 'yq', { type: 'uint8', scale: 8, zeroPoint: 128 }).dequantize('yq', 'y', { type: 'uint8', scale: 8, zeroPoint: 128 }).output('y', 'float32', [...shape.slice(0, -1), 2]).build();
        await equalToOriginal(graph, shape.length === 2 ? ['QGemm'] : ['Reshape', 'QGemm', 'Reshape']);
      }
    }
  });

  it('folds QuantizeLinear of float weights', async () => {
    const graph = new GraphBuilder().input('x', 'float32', [1, 4]).quantize('x', 'xq', { type: 'int8', scale: 0.5, zeroPoint: 0 }).dequantize('xq', 'xd', { type: 'int8', scale: 0.5, zeroPoint: 0 })
      .constant('w', 'float32', [4, 2], [0.25, -0.375, 1.125, 5, -40, 0.125, 31.875, 7]).quantize('w', 'wq', { type: 'int8', scale: 0.25, zeroPoint: 0 }).dequantize('wq', 'wd', { type: 'int8', scale: 0.25, zeroPoint: 0 })
      .node('MatMul', ['xd', 'wd'], 'm').quantize('m', 'yq', { type: 'int8', scale: 8, zeroPoint: 1 }).dequantize('yq', 'y', { type: 'int8', scale: 8, zeroPoint: 1 }).output('y', 'float32', [1, 2]).build();
    const { graph: core } = await equalToOriginal(graph, ['QLinearMatMul']);
    assert.deepEqual(core.initializers.get('wq')?.data, Int8Array.of(1, -2, 4, 20, -128, 0, 127, 28));
  });

  it('GlobalAveragePool becomes QLinearGlobalAveragePool', async () => {
    const graph = new GraphBuilder().input('x', 'float32', [1, 2, 4, 4]).quantize('x', 'xq', { type: 'uint8', scale: 0.5, zeroPoint: 9 }).dequantize('xq', 'xd', { type: 'uint8', scale: 0.5, zeroPoint: 9 })
      .node('GlobalAveragePool', ['xd'], 'm').quantize('m', 'yq', { type: 'uint8', scale: 0.25, zeroPoint: 20 }).dequantize('yq', 'y', { type: 'uint8', scale: 0.25, zeroPoint: 20 }).output('y', 'float32', [1, 2, 1, 1]).build();
    await equalToOriginal(graph, ['QLinearGlobalAveragePool']);
  });
});

describe('element-wise and movement', () => {
  const params = { type: 'uint8', scale: 0.5, zeroPoint: 100 } as const;
  const wide = { type: 'uint8', scale: 2, zeroPoint: 130 } as const;
  const begin = (shape: readonly number[] = [1, 2, 4, 4]): GraphBuilder => new GraphBuilder().input('x', 'float32', shape).quantize('x', 'xq', params).dequantize('xq', 'xd', params);
  const end = (builder: GraphBuilder, last: string, target: { type: ElementType; scale: number; zeroPoint: number } = params, opset = 13): Graph =>
    builder.quantize(last, 'yq', target).dequantize('yq', 'y', target).output('y', 'float32', []).build(opset);
  /** The output's shape is inferred, so the declared one is set from it. */
  const settled = (graph: Graph): Graph => ({ ...graph, outputs: inferTypes(bindShapes(graph)).outputs });

  it('DequantizeLinear → QuantizeLinear with the same parameters is nothing', async () => {
    const graph = settled(end(begin().quantize('xd', 'aq', params).dequantize('aq', 'ad', params), 'ad'));
    const { exits } = await equalToOriginal(graph, []);
    assert.equal(exits[0]?.tensor, 'xq');
  });

  it('DequantizeLinear → Relu → QuantizeLinear: an integer Clip with the same parameters, one step with others', async () => {
    await equalToOriginal(settled(end(begin().node('Relu', ['xd'], 'r'), 'r')), ['Clip']);
    await equalToOriginal(settled(end(begin().node('Relu', ['xd'], 'r'), 'r', wide)), ['DequantizeLinear', 'Relu', 'QuantizeLinear']);
    // With optimisation ONNX Runtime's DoubleQDQPairsRemover merges the two quantizations of these into one, which changes the result.
    await equalToOriginal(settled(end(begin().node('Relu', ['xd'], 'r'), 'r', { type: 'int8', scale: 2, zeroPoint: -128 })), ['DequantizeLinear', 'Relu', 'QuantizeLinear'], ['disabled']);
    await equalToOriginal(settled(end(begin(), 'xd', wide)), ['DequantizeLinear', 'QuantizeLinear'], ['disabled']);
    const bounded = begin().constant('lo', 'float32', [], [-3]).constant('hi', 'float32', [], [11.25]).node('Clip', ['xd', 'lo', 'hi'], 'r');
    await equalToOriginal(settled(end(bounded, 'r')), ['Clip']);
  });

  it('an element-wise function of one tensor is a table, one of two tensors stays as it is', async () => {
    const chain = begin().constant('k', 'float32', [], [0.75]).node('Mul', ['xd', 'k'], 'm').node('Add', ['m', 'xd'], 'a').node('Relu', ['a'], 'r');
    await equalToOriginal(settled(end(chain, 'r', wide)), ['Cast', 'Gather']);
    const two = begin().input('z', 'float32', [1, 2, 4, 4]).quantize('z', 'zq', wide).dequantize('zq', 'zd', wide).node('Sub', ['xd', 'zd'], 'a').node('Relu', ['a'], 'r');
    await equalToOriginal(settled(end(two, 'r', wide)), ['DequantizeLinear', 'DequantizeLinear', 'Sub', 'QuantizeLinear', 'Clip']);
  });

  it('16-bit steps are written in opset 21', async () => {
    const canonical = canonicalOf(settled({ ...end(begin(), 'xd', { type: 'uint16', scale: 0.0078125, zeroPoint: 30_000 }), opsets: new Map([['', 21]]) }));
    assert.deepEqual([operators(canonical), canonical.graph.opsets.get('')], [['DequantizeLinear', 'QuantizeLinear'], 21]);
    const session = await openSession({ bytes: encodeModel(canonical.graph) });
    await release(session);
  });

  const MOVES: readonly [name: string, opset: number, apply: (builder: GraphBuilder) => GraphBuilder, operators: readonly string[]][] = [
    ['MaxPool', 11, (b) => b.node('MaxPool', ['xd'], 'v', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }), ['MaxPool']],
    ['MaxPool with ceil_mode', 13, (b) => b.node('MaxPool', ['xd'], 'v', { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }), ['MaxPool']],
    ['Flatten', 11, (b) => b.node('Flatten', ['xd'], 'v', { axis: 2 }), ['Flatten']],
    ['Reshape', 13, (b) => b.constant('s', 'int64', [2], [0, -1]).node('Reshape', ['xd', 's'], 'v'), ['Reshape']],
    ['Transpose', 13, (b) => b.node('Transpose', ['xd'], 'v', { perm: [3, 1, 0, 2] }), ['Transpose']],
    ['Squeeze of opset 11', 11, (b) => b.node('Squeeze', ['xd'], 'v', { axes: [0] }), ['Squeeze']],
    ['Unsqueeze of opset 11', 11, (b) => b.node('Unsqueeze', ['xd'], 'v', { axes: [0, 3] }), ['Unsqueeze']],
    ['Squeeze of opset 13', 13, (b) => b.constant('s', 'int64', [1], [-4]).node('Squeeze', ['xd', 's'], 'v'), ['Squeeze']],
    ['Slice', 13, (b) => b.constant('f', 'int64', [1], [3]).constant('t', 'int64', [1], [-99]).constant('a', 'int64', [1], [2]).constant('p', 'int64', [1], [-2]).node('Slice', ['xd', 'f', 't', 'a', 'p'], 'v'), ['Slice']],
    ['Gather', 13, (b) => b.constant('i', 'int64', [3], [1, -1, 0]).node('Gather', ['xd', 'i'], 'v', { axis: 1 }), ['Gather']],
    ['Concat', 13, (b) => b.node('Concat', ['xd', 'xd'], 'v', { axis: 1 }), ['Concat']],
    ['Identity', 13, (b) => b.node('Identity', ['xd'], 'i').node('Transpose', ['i'], 'v'), ['Transpose']],
    ['newest opset', 26, (b) => b.node('MaxPool', ['xd'], 'm', { kernel_shape: [2, 2] }).node('Flatten', ['m'], 'v'), ['MaxPool', 'Flatten']],
  ];
  for (const [name, opset, apply, expected] of MOVES) {
    it(`${name} works on the integers`, async () => {
      const { graph } = await equalToOriginal(settled(end(apply(begin()), 'v', params, opset)), expected);
      assert.equal(graph.opsets.get(''), Math.max(opset, 13));
      // With other parameters the step comes after the movement, which is exact too.
      await equalToOriginal(settled(end(apply(begin()), 'v', wide, opset)), [...expected, 'DequantizeLinear', 'QuantizeLinear']);
    });
  }

  it('Concat of differently quantized tensors rescales each', async () => {
    const graph = settled(end(begin().quantize('x2', 'zq', wide).input('x2', 'float32', [1, 3, 4, 4]).dequantize('zq', 'zd', wide).node('Concat', ['xd', 'zd'], 'v', { axis: 1 }), 'v'));
    await equalToOriginal(graph, ['DequantizeLinear', 'QuantizeLinear', 'Concat']);
  });

  it('what moves a float input before it is quantized moves the integers', async () => {
    const graph = settled(end(new GraphBuilder().input('x', 'float32', [1, 2, 4, 4]).node('MaxPool', ['x'], 'p', { kernel_shape: [2, 2] }).node('Relu', ['p'], 'r').node('Flatten', ['r'], 'f'), 'f'));
    const { entries } = await equalToOriginal(graph, ['MaxPool', 'Clip', 'Flatten']);
    assert.deepEqual(entries.map(({ input, scale }) => [input, scale]), [['x', 0.5]]);
  });
});

describe('entries and exits', () => {
  const params = { type: 'int8', scale: 0.5, zeroPoint: 4 } as const;
  const begin = (): GraphBuilder => new GraphBuilder().input('x', 'float32', [1, 6]).quantize('x', 'xq', params).dequantize('xq', 'xd', params);

  it('a Softmax at the end stays outside', async () => {
    const { exits } = await equalToOriginal(begin().node('Relu', ['xd'], 'r').quantize('r', 'yq', params).dequantize('yq', 'yd', params).node('Softmax', ['yd'], 'y', { axis: -1 }).output('y', 'float32', [1, 6]).build(), ['Clip']);
    assert.deepEqual(exits, [{ tensor: 'yq', output: 'y', dequantized: 'yd', scale: 0.5, zeroPoint: 4, softmaxAxis: 1 }]);
  });

  it('ArgMax of a dequantized tensor is ArgMax of the integers', async () => {
    for (const attributes of [{ axis: 1 }, { axis: -1, keepdims: 0, select_last_index: 1 }]) {
      const { exits, graph } = await equalToOriginal(begin().node('ArgMax', ['xd'], 'y', attributes).output('y', 'int64', 'keepdims' in attributes ? [1] : [1, 1]).build(), ['ArgMax']);
      assert.deepEqual([exits, graph.outputs[0]?.type], [[], 'int64']);
    }
    throwsCode(() => canonicalOf(begin().node('Softmax', ['xd'], 's').node('ArgMax', ['s'], 'y', { axis: 1 }).output('y', 'int64', [1, 1]).build()), 'OPERATOR_UNSUPPORTED');
  });

  it('integer inputs and outputs have neither, and keep their names', async () => {
    const graph = new GraphBuilder().input('a', 'uint8', [2, 3]).constant('b', 'int8', [3, 2], integers({ count: 6, lo: -9, hi: 9, seed: 1 })).constant('za', 'uint8', [], [3]).node('MatMulInteger', ['a', 'b', 'za'], 'y').output('y', 'int32', [2, 2]).build();
    const canonical = await equalToOriginal(graph, ['MatMulInteger']);
    assert.deepEqual([canonical.entries, canonical.exits, canonical.graph.inputs[0]?.name, canonical.graph.outputs[0]?.name], [[], [], 'a', 'y']);
    const same = await equalToOriginal(new GraphBuilder().input('a', 'uint8', [2]).dequantize('a', 'd', { ...params, type: 'uint8' }).quantize('d', 'y', { ...params, type: 'uint8' }).output('y', 'uint8', [2]).build(), ['Identity']);
    assert.deepEqual(same.graph.outputs.map(({ name }) => name), ['y']);
  });

  it('a tensor can be an integer output and the base of a float output', async () => {
    const { graph, exits } = await equalToOriginal(begin().node('Relu', ['xd'], 'r').quantize('r', 'yq', params).dequantize('yq', 'y', params).output('y', 'float32', [1, 6]).output('yq', 'int8', [1, 6]).build(), ['Clip']);
    assert.deepEqual([graph.outputs.map(({ name }) => name), exits.map(({ output }) => output)], [['yq'], ['y']]);
  });

  it('drops what no output depends on', async () => {
    const graph = begin().node('Exp', ['xd'], 'unused').node('Transpose', ['xd'], 'alsoUnused').quantize('xd', 'yq', { ...params, scale: 2 }).dequantize('yq', 'y', { ...params, scale: 2 }).output('y', 'float32', [1, 6]).build();
    await equalToOriginal(graph, ['DequantizeLinear', 'QuantizeLinear']);
  });

  it('refuses an input that is quantized twice differently, or also used as float', () => {
    const twice = begin().quantize('x', 'x2', { ...params, scale: 1 }).dequantize('x2', 'd2', { ...params, scale: 1 }).output('xd', 'float32', [1, 6]).output('d2', 'float32', [1, 6]).build();
    assert.match(throwsCode(() => canonicalOf(twice), 'OPERATOR_UNSUPPORTED').message, /two different ways/);
    const float = begin().node('Add', ['x', 'xd'], 's').quantize('s', 'yq', params).dequantize('yq', 'y', params).output('y', 'float32', [1, 6]).build();
    assert.match(throwsCode(() => canonicalOf(float), 'OPERATOR_UNSUPPORTED').message, /float input 'x'/);
  });
});

describe('refusals', () => {
  const style = STYLES[0] as Style;

  it('a bias whose scale is not that of the accumulator', () => {
    const error = throwsCode(() => canonicalOf(convolution(style, { biasScale: [0.125, 0.25, 0.0625, 0.25] })), 'OPERATOR_UNSUPPORTED');
    assert.match(error.message, /bias 'bd' is 0\.25 in channel 3.*0\.5/);
    assert.equal(error.details.node, 'c_node');
  });

  it('a float bias, a beta, mixed types, 16 bits, an unquantized result', () => {
    const gemm = (options: { beta?: number; out?: ElementType; x?: ElementType; floatBias?: boolean; quantized?: boolean }): Graph => {
      const x = { type: options.x ?? 'uint8', scale: 0.5, zeroPoint: 0 } as const;
      const builder = new GraphBuilder().input('x', 'float32', [1, 2]).quantize('x', 'xq', x).dequantize('xq', 'xd', x)
        .constant('wq', 'int8', [2, 2], [1, 2, 3, 4]).dequantize('wq', 'wd', { type: 'int8', scale: 1, zeroPoint: 0 });
      if (options.floatBias) builder.constant('bd', 'float32', [2], [0.5, 1]);
      else builder.constant('bq', 'int32', [2], [1, 2]).dequantize('bq', 'bd', { type: 'int32', scale: 0.5, zeroPoint: 0 });
      builder.node('Gemm', ['xd', 'wd', 'bd'], 'g', { beta: { float: options.beta ?? 1 } });
      if (options.quantized === false) return builder.output('g', 'float32', [1, 2]).build();
      return builder.quantize('g', 'y', { type: options.out ?? 'uint8', scale: 1, zeroPoint: 0 }).output('y', options.out ?? 'uint8', [1, 2]).build(21);
    };
    const refused: readonly [Parameters<typeof gemm>[0], RegExp][] = [
      [{ beta: 0.5 }, /beta/], [{ floatBias: true }, /bias 'bd' is not quantized/], [{ out: 'int8' }, /no integer kernel for uint8 × int8 → int8/],
      [{ x: 'uint16', out: 'uint16' }, /16-bit/], [{ quantized: false }, /the output 'g' is its float result/],
    ];
    for (const [options, reason] of refused) {
      const error = throwsCode(() => canonicalOf(gemm(options)), 'OPERATOR_UNSUPPORTED');
      assert.match(error.message, reason);
      assert.equal(error.details.node, 'g_node');
      assert.ok((error.details.fix ?? '').length > 10);
    }
    assert.deepEqual(operators(canonicalOf(gemm({}))), ['QGemm']);
  });

  it('float models, two layers without quantization between them, dynamic quantization, float16', () => {
    const float = new GraphBuilder().input('x', 'float32', [1, 2]).node('Relu', ['x'], 'y').output('y', 'float32', [1, 2]).build();
    assert.match(throwsCode(() => canonicalOf(float), 'OPERATOR_UNSUPPORTED').message, /not quantized/);
    const params = { type: 'uint8', scale: 0.5, zeroPoint: 0 } as const;
    const two = new GraphBuilder().input('x', 'float32', [2, 2]).quantize('x', 'xq', params).dequantize('xq', 'xd', params).node('MatMul', ['xd', 'xd'], 'm').node('MatMul', ['m', 'xd'], 'n').quantize('n', 'y', params).output('y', 'uint8', [2, 2]).build();
    const error = throwsCode(() => canonicalOf(two), 'OPERATOR_UNSUPPORTED');
    assert.equal(error.details.node, 'm_node');
    const dynamic = new GraphBuilder().input('x', 'float32', [2]).node('DynamicQuantizeLinear', ['x'], ['q', 's', 'z']).output('q', 'uint8', [2]).build();
    assert.match(throwsCode(() => canonicalOf(dynamic), 'OPERATOR_UNSUPPORTED').details.fix ?? '', /statically/);
    throwsCode(() => canonicalOf(new GraphBuilder().input('x', 'float16', [2]).node('Identity', ['x'], 'y').output('y', 'float16', [2]).build()), 'TYPE_UNSUPPORTED');
  });
});

it('the canonical graph is written the same every time', () => {
  const bytes = () => encodeModel(canonicalOf(convolution(STYLES[2] as Style)).graph);
  assert.deepEqual(bytes(), bytes());
});
