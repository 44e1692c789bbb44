/** Float operators between DequantizeLinear and QuantizeLinear: the circuit against ONNX Runtime, on the canonical graph and on the original. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertEqualsRuntime } from '../../../test/support/compareWithRuntime.js';
import { seeded } from '../../../test/support/seeded.js';
import { encodeModel } from '../encode.js';
import { bindShapes } from '../bindShapes.js';
import type { ElementType, Graph } from '../graph.js';
import { inferTypes } from '../inferShapes.js';
import { normalise } from '../normalise.js';
import { GraphBuilder, tensor, type AttributeValue } from '../testing/graphBuilder.js';
import { throwsCode } from '../testing/throws.js';
import { run, withSession } from '../../runtime/session.js';

type Attributes = Readonly<Record<string, AttributeValue>>;
type Apply = (builder: GraphBuilder) => GraphBuilder;

interface Quantization {
  readonly type: ElementType;
  readonly scale: number;
  readonly zeroPoint: number;
}

const float = (value: number): AttributeValue => ({ float: value });
const settled = (graph: Graph): Graph => ({ ...graph, outputs: inferTypes(bindShapes(graph)).outputs });

/** x → DequantizeLinear → xd → … → v → QuantizeLinear → y. */
function between(apply: Apply, x: Quantization, y: Quantization, { shape = [2, 4], opset = 20 }: { shape?: readonly number[]; opset?: number } = {}): Graph {
  const builder = apply(new GraphBuilder().input('x', x.type, shape).dequantize('x', 'xd', x));
  return settled(builder.quantize('v', 'y', y).output('y', y.type, []).build(opset));
}

const operators = (graph: Graph): string[] => normalise(inferTypes(bindShapes(graph))).graph.nodes.map(({ opType }) => opType);

const unary = (opType: string, attributes: Attributes = {}): [string, Apply] => [`${opType} ${JSON.stringify(attributes)}`, (b) => b.node(opType, ['xd'], 'v', attributes)];
const withNumber = (opType: string, number: number, first = false): [string, Apply] => [`${opType} with ${number}${first ? ' first' : ''}`, (b) => b.constant('k', 'float32', [], [number]).node(opType, first ? ['k', 'xd'] : ['xd', 'k'], 'v')];

const FUNCTIONS: readonly [name: string, apply: Apply, opset?: number][] = [
  ...['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Celu', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Floor', 'Gelu', 'HardSigmoid', 'HardSwish', 'LeakyRelu', 'Log', 'Mish', 'Neg',
    'Reciprocal', 'Round', 'Selu', 'Shrink', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Softsign', 'Sqrt', 'Tan', 'Tanh', 'ThresholdedRelu'].map((opType) => unary(opType)),
  unary('Gelu', { approximate: 'tanh' }), unary('Elu', { alpha: float(0.3) }), unary('Celu', { alpha: float(0.3) }), unary('Selu', { alpha: float(0.3), gamma: float(2) }),
  unary('HardSigmoid', { alpha: float(0.31), beta: float(0.6) }), unary('Shrink', { bias: float(1.5), lambd: float(1.5) }), unary('LeakyRelu', { alpha: float(0.37) }),
  [...unary('Swish', { alpha: float(1.5) }), 24],
  withNumber('Pow', 2), withNumber('Pow', 3), withNumber('Pow', -1.5), withNumber('Pow', 2, true), withNumber('Add', 0.37), withNumber('Sub', 0.37, true), withNumber('Mul', -0.7),
  withNumber('Div', 0.3), withNumber('Div', 0.3, true), withNumber('PRelu', -0.3),
  ['x · sigmoid(x)', (b) => b.node('Sigmoid', ['xd'], 's').node('Mul', ['xd', 's'], 'v')],
  ['a chain with Relu and Clip', (b) => b.constant('k', 'float32', [], [0.4]).constant('hi', 'float32', [], [3]).node('Sub', ['xd', 'k'], 's').node('Relu', ['s'], 'r').node('Sqrt', ['r'], 'q').node('Clip', ['q', '', 'hi'], 'v')],
  ['a choice by a comparison', (b) => b.constant('k', 'float32', [], [0.4]).node('Less', ['xd', 'k'], 'l').node('Not', ['l'], 'n').node('Exp', ['xd'], 'e').node('Where', ['n', 'e', 'xd'], 'v')],
  ['a comparison as a number', (b) => b.constant('k', 'float32', [], [0.4]).node('Greater', ['xd', 'k'], 'l').node('Cast', ['l'], 'v', { to: 1 })],
];

/** All 256 integers, in the two rows of a tensor. */
const ALL = [2, 128];
const everyInteger = (type: ElementType) => tensor(type, ALL, Array.from({ length: 256 }, (_, index) => (type === 'int8' ? index - 128 : index)));

describe('functions of one quantized tensor are tables that equal ONNX Runtime', () => {
  const random = seeded(7);
  const quantization = (round: number): Quantization => {
    const type = round % 2 === 0 ? 'uint8' : 'int8';
    // Every third scale is a power of two, which makes exact ties.
    const scale = round % 3 === 0 ? 2 ** -Math.floor(random() * 7) : Math.fround(2 ** -(random() * 8));
    return { type, scale, zeroPoint: Math.floor(random() * 256) + (type === 'int8' ? -128 : 0) };
  };
  for (const [name, apply, opset = 20] of FUNCTIONS) {
    it(name, async () => {
      const levels = new Set<number>();
      for (let round = 0; round < 8; round++) {
        const [x, y] = [quantization(round), quantization(round >> 1)];
        const graph = between(apply, x, y, { shape: ALL, opset });
        const canonical = normalise(inferTypes(bindShapes(graph))).graph;
        assert.deepEqual(canonical.nodes.map(({ opType }) => opType), x.type === 'uint8' ? ['Cast', 'Gather'] : ['Cast', 'Add', 'Gather']);
        const inputs = new Map([['x', everyInteger(x.type)]]);
        const expected = await withSession({ bytes: encodeModel(graph) }, (session) => run(session, inputs));
        const found = await withSession({ bytes: encodeModel(canonical) }, (session) => run(session, inputs));
        assert.deepEqual(found.get('y')?.data, expected.get('y')?.data);
        for (const value of expected.get('y')?.data ?? []) levels.add(Number(value));
      }
      assert.ok(levels.size >= 8, `${levels.size} levels`);
    });
  }

  it('in the circuit too', async () => {
    const x: Quantization = { type: 'int8', scale: Math.fround(0.037), zeroPoint: 11 };
    const y: Quantization = { type: 'uint8', scale: Math.fround(0.013), zeroPoint: 40 };
    for (const [, apply, opset = 20] of FUNCTIONS.filter((_, index) => index % 6 === 0)) await assertEqualsRuntime({ graph: between(apply, x, y, { opset }), random, runs: 3 });
  });

  it('per channel: BatchNormalization, PRelu, constants along axes', async () => {
    const x: Quantization = { type: 'uint8', scale: Math.fround(0.05), zeroPoint: 100 };
    const y: Quantization = { type: 'int8', scale: Math.fround(0.04), zeroPoint: -5 };
    const channels: readonly [string, Apply][] = [
      ['BatchNormalization', (b) => b.constant('s', 'float32', [3], [1.1, -0.7, 0.01]).constant('bi', 'float32', [3], [0.3, 2, -1]).constant('m', 'float32', [3], [0.6, -1, 0]).constant('va', 'float32', [3], [0.5, 3, 0.2]).node('BatchNormalization', ['xd', 's', 'bi', 'm', 'va'], 'v')],
      ['PRelu', (b) => b.constant('s', 'float32', [3, 1], [0.1, -0.7, 2]).node('PRelu', ['xd', 's'], 'v')],
      ['a slope for every element', (b) => b.constant('s', 'float32', [3, 2], [0.1, -0.7, 2, 1, 0.3, 0.2]).node('PRelu', ['xd', 's'], 'v')],
      ['a quantized slope', (b) => b.constant('q', 'int8', [3, 1], [4, -7, 20]).dequantize('q', 's', { type: 'int8', scale: 0.0625, zeroPoint: 0 }).node('PRelu', ['xd', 's'], 'v')],
    ];
    for (const [name, apply] of channels) {
      const graph = between(apply, x, y, { shape: [2, 3, 2], opset: 16 });
      assert.deepEqual(operators(graph), ['Cast', 'Add', 'Gather'], name);
      const rows = await assertEqualsRuntime({ graph, random, runs: 4 });
      // One table per element and not one of all channels: that would be above 700 rows each.
      assert.ok(rows < 12 * 120, `${name}: ${rows} rows`);
    }
  });

  it('of 16 bits only where they never fall', async () => {
    const x: Quantization = { type: 'uint16', scale: Math.fround(0.0001), zeroPoint: 30_000 };
    const y: Quantization = { type: 'uint16', scale: Math.fround(0.00003), zeroPoint: 32_000 };
    assert.deepEqual(operators(between((b) => b.node('Tanh', ['xd'], 'v'), x, y, { opset: 21 })), ['Cast', 'Gather']);
    assert.match(throwsCode(() => operators(between((b) => b.node('Cos', ['xd'], 'v'), x, y, { opset: 21 })), 'OPERATOR_UNSUPPORTED').message, /rises and falls/);
  });

  it('a library function that is not quantized before it meets two other tensors is refused', () => {
    const z: Quantization = { type: 'uint8', scale: 0.5, zeroPoint: 3 };
    const graph = between((b) => b.input('z', 'uint8', [2, 4]).dequantize('z', 'zd', z).input('w', 'uint8', [2, 4]).dequantize('w', 'wd', z).node('Tanh', ['xd'], 't').node('Add', ['t', 'zd'], 's').node('Mul', ['s', 'wd'], 'v'), z, z);
    assert.match(throwsCode(() => operators(graph), 'OPERATOR_UNSUPPORTED').message, /Tanh.*depends on the machine/);
  });
});

describe('functions of two quantized tensors are tables of all pairs that equal ONNX Runtime', () => {
  const random = seeded(13);
  const PAIRS: readonly [name: string, apply: Apply, shape?: readonly number[]][] = [
    ['Tanh of one and a sum', (b) => b.node('Tanh', ['xd'], 't').node('Add', ['t', 'zd'], 'v')],
    ['Mean', (b) => b.node('Mean', ['xd', 'zd'], 'v')],
    ['Mod', (b) => b.node('Mod', ['xd', 'zd'], 'v', { fmod: 1 })],
    ['PRelu with a slope that is data', (b) => b.node('PRelu', ['xd', 'zd'], 'v')],
    ['a function of a maximum', (b) => b.node('Max', ['xd', 'zd'], 'm').node('Exp', ['m'], 'v')],
    ['Div', (b) => b.node('Div', ['xd', 'zd'], 'v')],
    ['a movement of a function', (b) => b.node('Exp', ['xd'], 'e').node('Transpose', ['e'], 'm').node('Transpose', ['m'], 'n').node('Sub', ['n', 'zd'], 'v')],
    ['a channel each, clipped', (b) => b.node('Sigmoid', ['zd'], 's').node('Mul', ['xd', 's'], 'p').node('Relu', ['p'], 'v'), [4]],
  ];
  for (const [name, apply, shape = [2, 4]] of PAIRS) {
    it(name, async () => {
      for (const type of ['uint8', 'int8'] as const) {
        const parameter = (): Quantization => ({ type, scale: Math.fround(0.002 + random() / 40), zeroPoint: Math.floor(random() * 100) });
        const z = parameter();
        const graph = between((b) => apply(b.input('z', type, shape).dequantize('z', 'zd', z)), parameter(), { ...parameter(), scale: Math.fround(0.02 + random() / 40) });
        await assertEqualsRuntime({ graph, random, runs: 6 });
      }
    });
  }
});

describe('comparisons of dequantized tensors equal ONNX Runtime', () => {
  const random = seeded(11);
  for (const opType of ['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'Equal']) {
    it(opType, async () => {
      for (const [a, b] of [['uint8', 'int8'], ['int8', 'uint8']] as const) {
        // Scales that make many equal floats, and scales that make none.
        for (const scale of [0.5, Math.fround(0.3)]) {
          const graph = new GraphBuilder().input('a', a, [3, 20]).input('b', b, [20]).dequantize('a', 'ad', { type: a, scale: 0.25, zeroPoint: 7 }).dequantize('b', 'bd', { type: b, scale, zeroPoint: 9 })
            .node(opType, ['ad', 'bd'], 'y').output('y', 'bool', [3, 20]).build();
          await assertEqualsRuntime({ graph, random, runs: 3 });
        }
      }
    });
  }

  it('with a number: a table of truth values', async () => {
    const graph = new GraphBuilder().input('a', 'int8', [3, 20]).dequantize('a', 'ad', { type: 'int8', scale: 0.25, zeroPoint: 7 }).constant('k', 'float32', [], [1.75])
      .node('Less', ['ad', 'k'], 'l').node('Not', ['l'], 'y').output('y', 'bool', [3, 20]).build();
    assert.deepEqual(operators(graph), ['Cast', 'Add', 'Gather']);
    await assertEqualsRuntime({ graph, random });
  });
});

describe('movement and maxima between DequantizeLinear and QuantizeLinear equal ONNX Runtime', () => {
  const random = seeded(13);
  const same: Quantization = { type: 'uint8', scale: Math.fround(0.05), zeroPoint: 100 };
  const other: Quantization = { type: 'uint8', scale: Math.fround(0.11), zeroPoint: 31 };
  const resize = (attributes: Attributes): Apply => (b) => b.constant('roi', 'float32', [8], [0, 0, -0.2, 0.1, 1, 1, 0.9, 1.3]).constant('s', 'float32', [4], [1, 1, 1.5, 2]).node('Resize', ['xd', 'roi', 's'], 'v', attributes);
  const moves: readonly [string, Apply, opset?: number][] = [
    ['Pad with zero', (b) => b.constant('p', 'int64', [8], [0, 0, 1, 0, 0, 0, 2, 1]).node('Pad', ['xd', 'p'], 'v')],
    ['Pad with a value of the scale', (b) => b.constant('p', 'int64', [8], [0, 0, 1, 0, 0, 0, 2, 1]).constant('c', 'float32', [], [Math.fround(Math.fround(0.05) * 20)]).node('Pad', ['xd', 'p', 'c'], 'v')],
    ['Pad with another value', (b) => b.constant('p', 'int64', [8], [0, 0, 1, 0, 0, 0, 2, 1]).constant('c', 'float32', [], [0.123]).node('Pad', ['xd', 'p', 'c'], 'v')],
    ['Trilu', (b) => b.node('Trilu', ['xd'], 'v'), 14],
    ['CenterCropPad', (b) => b.constant('s', 'int64', [2], [5, 1]).node('CenterCropPad', ['xd', 's'], 'v', { axes: [2, 3] }), 18],
    ['Resize that crops', resize({ coordinate_transformation_mode: 'tf_crop_and_resize' })],
    ['Resize', resize({ coordinate_transformation_mode: 'half_pixel' })],
    ['DepthToSpace', (b) => b.node('DepthToSpace', ['xd'], 'v', { blocksize: 2 })],
    ['Concat with constants', (b) => b.constant('c', 'float32', [1, 4, 1, 2], [0, 1, -2, 0.3, 7, 8, 9, 0.05]).node('Concat', ['xd', 'c'], 'v', { axis: 2 })],
    ['ScatterND of constants', (b) => b.constant('i', 'int64', [1, 4], [0, 1, 2, 1]).constant('u', 'float32', [1], [0.777]).node('ScatterND', ['xd', 'i', 'u'], 'v')],
    ['Where', (b) => b.constant('c', 'bool', [2], [1, 0]).constant('k', 'float32', [], [0.4]).node('Where', ['c', 'xd', 'k'], 'v')],
    ['ReduceMax', (b) => b.node('ReduceMax', ['xd'], 'v', { axes: [2], keepdims: 0 })],
    ['ReduceMin of a newer opset', (b) => b.constant('a', 'int64', [2], [1, 3]).node('ReduceMin', ['xd', 'a'], 'v'), 18],
    ['GlobalMaxPool', (b) => b.node('GlobalMaxPool', ['xd'], 'v')],
    ['Max with another tensor and a number', (b) => b.input('z', 'uint8', [1, 4, 3, 2]).dequantize('z', 'zd', other).constant('k', 'float32', [], [0.4]).node('Max', ['xd', 'zd', 'k'], 'v')],
    ['a movement of a function', (b) => b.node('Tanh', ['xd'], 't').node('Transpose', ['t'], 'v')],
    ['a function of a movement', (b) => b.constant('p', 'int64', [8], [0, 0, 1, 0, 0, 0, 2, 1]).node('Pad', ['xd', 'p'], 'p2').node('Exp', ['p2'], 'v')],
  ];
  for (const [name, apply, opset = 13] of moves) {
    it(name, async () => {
      for (const y of [same, other]) await assertEqualsRuntime({ graph: between(apply, same, y, { shape: [1, 4, 3, 2], opset }), random, runs: 2 });
    });
  }

  it('Split, whose parts go different ways', async () => {
    const graph = new GraphBuilder().input('x', 'int8', [2, 6]).dequantize('x', 'xd', { ...same, type: 'int8', zeroPoint: 3 }).node('Split', ['xd'], ['a', 'b', 'c'], { axis: 1 })
      .quantize('a', 'y', { ...same, type: 'int8', zeroPoint: 3 }).node('Relu', ['b'], 'r').quantize('r', 'z', { ...other, type: 'int8', zeroPoint: -100 }).output('y', 'int8', []).output('z', 'int8', []).build();
    await assertEqualsRuntime({ graph: settled(graph), random, runs: 2 });
  });

  it('16 bits: movements that ONNX Runtime has no 16-bit kernel for are written out, maxima taken in int32', async () => {
    const sixteen: Quantization = { type: 'uint16', scale: Math.fround(0.0005), zeroPoint: 100 };
    const reduce: Apply = (b) => b.constant('a', 'int64', [1], [2]).node('ReduceMax', ['xd', 'a'], 'v');
    for (const apply of [reduce, ...moves.filter(([name]) => /^Pad with zero|Trilu|DepthToSpace|^Where/.test(name)).map(([, move]) => move)]) {
      await assertEqualsRuntime({ graph: between(apply, sixteen, sixteen, { shape: [1, 4, 3, 2], opset: 21 }), random, runs: 1 });
    }
  });

  it('TopK of a dequantized tensor is TopK of the integers', async () => {
    const graph = new GraphBuilder().input('x', 'uint8', [2, 6]).dequantize('x', 'xd', same).constant('k', 'int64', [1], [3]).node('TopK', ['xd', 'k'], ['t', 'i']).quantize('t', 'y', same).output('y', 'uint8', []).output('i', 'int64', []).build();
    await assertEqualsRuntime({ graph: settled(graph), random, runs: 4 });
  });
});

describe('Softmax between DequantizeLinear and QuantizeLinear', () => {
  const x: Quantization = { type: 'int8', scale: Math.fround(0.07), zeroPoint: 3 };
  it('is a QLinearSoftmax where the scale is one over an integer', async () => {
    const graph = between((b) => b.node('Softmax', ['xd'], 'v', { axis: 1 }), x, { type: 'int8', scale: 1 / 256, zeroPoint: -128 }, { shape: [3, 4, 2] });
    assert.deepEqual(operators(graph), ['QLinearSoftmax']);
    await assertEqualsRuntime({ graph, random: seeded(17), runs: 4 });
  });
  it('is refused elsewhere', () => {
    const graph = between((b) => b.node('Softmax', ['xd'], 'v'), x, { type: 'int8', scale: Math.fround(1 / 255), zeroPoint: -128 });
    assert.match(throwsCode(() => operators(graph), 'OPERATOR_UNSUPPORTED').message, /not one over an integer/);
  });
});

describe('ConvTranspose is a QLinearConv', () => {
  const random = seeded(17);
  // Powers of two, so that the float32 sums of the original are exact and it has only one meaning.
  const x: Quantization = { type: 'uint8', scale: 0.5, zeroPoint: 100 };
  const y: Quantization = { type: 'uint8', scale: 32, zeroPoint: 128 };
  const weights = (shape: readonly number[]) => Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => Math.floor(random() * 255) - 127);
  const cases: readonly [string, x: readonly number[], w: readonly number[], Attributes][] = [
    ['with strides and pads', [1, 2, 3, 4], [2, 3, 3, 3], { strides: [2, 1], pads: [1, 0, 0, 2] }],
    ['with output padding and dilations', [2, 1, 3, 3], [1, 2, 2, 2], { strides: [2, 3], dilations: [2, 1], output_padding: [1, 2] }],
    ['with groups', [1, 4, 3, 2], [4, 1, 2, 2], { group: 2, strides: [2, 2] }],
    ['with auto_pad SAME_UPPER', [1, 1, 3, 3], [1, 1, 3, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] }],
    ['with auto_pad SAME_LOWER', [1, 1, 3, 3], [1, 1, 3, 3], { auto_pad: 'SAME_LOWER', strides: [2, 2] }],
    ['with an output shape', [1, 1, 3, 3], [1, 2, 3, 3], { output_shape: [10, 8], strides: [3, 2] }],
    ['in one dimension', [1, 2, 5], [2, 2, 3], { strides: [2] }],
  ];
  for (const [name, shape, kernel, attributes] of cases) {
    it(name, async () => {
      const channels = (kernel[1] as number) * (Number(attributes['group'] ?? 1));
      const apply: Apply = (b) => b.constant('wq', 'int8', kernel, weights(kernel)).dequantize('wq', 'w', { type: 'int8', scale: 0.25, zeroPoint: 0 })
        .constant('bq', 'int32', [channels], weights([channels])).dequantize('bq', 'bd', { type: 'int32', scale: 0.125, zeroPoint: 0 }).node('ConvTranspose', ['xd', 'w', 'bd'], 'v', attributes);
      const graph = between(apply, x, y, { shape, opset: 13 });
      assert.equal(operators(graph).at(-1), 'QLinearConv');
      await assertEqualsRuntime({ graph, random, runs: 2 });
    });
  }

  it('with one weight scale per output channel', async () => {
    const apply: Apply = (b) => b.constant('wq', 'int8', [2, 3, 2, 2], weights([2, 3, 2, 2])).dequantize('wq', 'w', { type: 'int8', scale: [0.25, 0.5, 1], zeroPoint: 0, axis: 1 }).node('ConvTranspose', ['xd', 'w'], 'v');
    await assertEqualsRuntime({ graph: between(apply, x, y, { shape: [1, 2, 3, 3], opset: 13 }), random, runs: 2 });
  });
});
