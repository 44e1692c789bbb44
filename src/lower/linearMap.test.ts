import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileProgram, drawBlueprint, generateWitness, measureCircuit } from '../compile/index.js';
import type { Graph } from '../onnx/graph.js';
import { inferTypes } from '../onnx/inferShapes.js';
import { GraphBuilder, integers, type AttributeValue } from '../onnx/testing/graphBuilder.js';
import { evaluateProgram } from '../program/evaluate.js';
import { firstViolatedRow, wireValues } from '../../test/support/checkR1cs.js';
import { lowerGraph } from './lower.js';

const HIDDEN = { inputs: 'public', outputs: 'public', weights: 'hashed' } as const;

interface Case {
  readonly name: string;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly weights: readonly number[];
  readonly type: 'int8' | 'uint8';
  readonly zero: number;
  /** Shape of the biases. */
  readonly bias?: readonly number[];
  readonly build: (builder: GraphBuilder) => GraphBuilder;
}

const attributes = (values: Readonly<Record<string, AttributeValue>>): Readonly<Record<string, AttributeValue>> => values;

const CASES: readonly Case[] = [
  { name: 'MatMulInteger', input: [3, 7], output: [3, 12], weights: [7, 12], type: 'int8', zero: 0, build: (b) => b.node('MatMulInteger', ['x', 'w', 'xZero', 'wZero'], 'y') },
  { name: 'MatMulInteger, batched, with a zero point', input: [2, 2, 4], output: [2, 2, 3], weights: [2, 4, 3], type: 'uint8', zero: 130, build: (b) => b.node('MatMulInteger', ['x', 'w', 'xZero', 'wZero'], 'y') },
  { name: 'MatMulInteger, constants on the left', input: [5, 3], output: [4, 3], weights: [4, 5], type: 'int8', zero: 0, build: (b) => b.node('MatMulInteger', ['w', 'x', 'wZero', 'xZero'], 'y') },
  { name: 'ConvInteger, padding, stride and dilation', input: [1, 2, 6, 6], output: [1, 13, 4, 3], weights: [13, 2, 3, 2], type: 'int8', zero: 0, build: (b) => b.node('ConvInteger', ['x', 'w', 'xZero', 'wZero'], 'y', attributes({ pads: [1, 1, 1, 1], strides: [2, 2], dilations: [1, 2], kernel_shape: [3, 2] })) },
  { name: 'ConvInteger, two images, groups', input: [2, 4, 3], output: [2, 6, 2], weights: [6, 2, 2], type: 'uint8', zero: 3, build: (b) => b.node('ConvInteger', ['x', 'w', 'xZero', 'wZero'], 'y', attributes({ group: 2 })) },
  {
    name: 'QLinearConv with biases',
    input: [1, 2, 4, 4],
    output: [1, 3, 4, 4],
    weights: [3, 2, 3, 3],
    type: 'int8',
    zero: 0,
    bias: [3],
    build: (b) => b.node('QLinearConv', ['x', 'scale', 'xZero', 'w', 'scale', 'wZero', 'yScale', 'xZero', 'bias'], 'y', attributes({ pads: [1, 1, 1, 1] })),
  },
  {
    name: 'QGemm, transposed, with biases',
    input: [2, 6],
    output: [2, 5],
    weights: [5, 6],
    type: 'int8',
    zero: 0,
    bias: [5],
    build: (b) => b.node('QGemm', ['x', 'scale', 'xZero', 'w', 'scale', 'wZero', 'bias', 'yScale', 'xZero'], 'y', attributes({ transB: 1 }), 'com.microsoft'),
  },
];

const size = (shape: readonly number[]): number => shape.reduce((total, dimension) => total * dimension, 1);

function graphOf({ input, output, weights, type, zero, bias, build }: Case, seed: number): Graph {
  const [lo, hi] = type === 'int8' ? [-128, 127] : [0, 255];
  const builder = new GraphBuilder()
    .input('x', 'uint8', input)
    .output('y', bias === undefined ? 'int32' : 'uint8', output)
    .constant('scale', 'float32', [], [0.02])
    .constant('yScale', 'float32', [], [0.11])
    .constant('xZero', 'uint8', [], [9])
    .constant('wZero', type, [], [zero])
    .constant('w', type, weights, integers({ count: size(weights), lo, hi, seed }));
  if (bias !== undefined) builder.constant('bias', 'int32', bias, integers({ count: size(bias), lo: -9000, hi: 9000, seed: seed + 1 }));
  return build(builder).build();
}

describe('hidden weights', () => {
  for (const each of CASES) {
    it(`${each.name}: the values of the constant map, a circuit that does not depend on the weights, the measured size`, () => {
      const input = Float64Array.from(integers({ count: size(each.input), lo: 0, hi: 255, seed: 5 }));
      const circuits = [1, 2].map((seed) => {
        const graph = inferTypes(graphOf(each, seed));
        const program = lowerGraph(graph, { hidesWeights: true });
        const fixed = lowerGraph(graph);
        const valueOf = (which: typeof program) => evaluateProgram(which, [input])[which.outputs[0] as number];
        assert.deepEqual(valueOf(program), valueOf(fixed));
        const { r1cs, plan } = compileProgram({ program, visibility: HIDDEN });
        const { witness } = generateWitness({ plan, inputs: [input], context: 3n, salts: { weights: 8n } });
        assert.equal(firstViolatedRow(r1cs, wireValues(witness, r1cs.prime)), undefined);
        const { total } = measureCircuit(drawBlueprint(program, { visibility: HIDDEN }));
        assert.deepEqual([total.rows, total.wires], [r1cs.rowCount, r1cs.wireCount]);
        const entries = r1cs.a.wires.length + r1cs.b.wires.length + r1cs.c.wires.length;
        assert.ok(Math.abs(total.a + total.b + total.c - entries) <= entries / 50, `${total.a + total.b + total.c} measured, ${entries} compiled`);
        return [r1cs.a, r1cs.b, r1cs.c].map(({ rowStart, wires, coefficients }) => [rowStart, wires, Array.from(coefficients, (id) => r1cs.pool.value(id))]);
      });
      assert.deepEqual(circuits[0], circuits[1]);
    });
  }

  it('a bias that is larger than all products together can be is refused', () => {
    const [, , , , , conv] = CASES;
    const graph = graphOf(conv as Case, 1);
    const huge = inferTypes({ ...graph, initializers: new Map([...graph.initializers, ['bias', { type: 'int32', shape: [3], data: Int32Array.of(0, 2 ** 24, 0) }]]) });
    assert.throws(() => lowerGraph(huge, { hidesWeights: true }), { code: 'OPERATOR_UNSUPPORTED' });
    lowerGraph(huge);
  });

  it('a model without weights has nothing to hide', () => {
    const graph = inferTypes(new GraphBuilder().input('x', 'int8', [4]).output('y', 'int8', [4]).node('Relu', ['x'], 'y').build(14));
    assert.throws(() => lowerGraph(graph, { hidesWeights: true }), { code: 'OPERATOR_UNSUPPORTED' });
  });
});
