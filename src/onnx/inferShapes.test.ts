import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isZkonnxError } from '../errors/index.js';
import { bindShapes } from './bindShapes.js';
import { decodeNamedTensor } from './decodeTensor.js';
import type { Graph, Tensor } from './graph.js';
import { inferTypes } from './inferShapes.js';
import { readModel } from './readModel.js';
import { GraphBuilder } from './testing/graphBuilder.js';
import { throwsCode } from './testing/throws.js';

const shared = process.env['ZKONNX_SHARED'] ?? join(process.cwd(), '..', 'shared');
const nodeTests = join(shared, 'onnx-node-tests');

const tensorsIn = (folder: string, prefix: string): { name: string; tensor: Tensor }[] =>
  readdirSync(folder).filter((file) => file.startsWith(prefix)).sort((a, b) => parseInt(a.slice(prefix.length)) - parseInt(b.slice(prefix.length)))
    .map((file) => decodeNamedTensor({ bytes: readFileSync(join(folder, file)) }));

describe('ONNX backend tests', { skip: existsSync(nodeTests) ? false : `${nodeTests} is not there` }, () => {
  it('has the types and shapes of the expected outputs, and folds constants to their values', () => {
    let inferred = 0;
    let folded = 0;
    for (const test of readdirSync(nodeTests).filter((name) => name.startsWith('test_'))) {
      const data = join(nodeTests, test, 'test_data_set_0');
      if (!existsSync(data)) continue;
      let graph: Graph;
      let inputs: { name: string; tensor: Tensor }[];
      let outputs: { name: string; tensor: Tensor }[];
      try {
        graph = readModel(join(nodeTests, test, 'model.onnx')).graph;
        inputs = tensorsIn(data, 'input_');
        outputs = tensorsIn(data, 'output_');
      } catch (error) {
        assert.ok(isZkonnxError(error), `${test}: ${String(error)}`);
        continue;
      }
      // The inputs as constants: what decides a shape is then known, and everything that can be folded is.
      const constants = new Map([...graph.initializers, ...graph.inputs.map(({ name }, index) => [name, inputs[index]?.tensor as Tensor] as const)]);
      if ([...constants.values()].includes(undefined as unknown as Tensor)) continue;
      try {
        const typed = inferTypes({ ...graph, inputs: [], initializers: constants });
        typed.outputs.forEach(({ name, type, shape }, index) => {
          const expected = outputs[index]?.tensor as Tensor;
          assert.deepEqual([type, shape], [expected.type, expected.shape], test);
          const value = typed.initializers.get(name);
          if (value !== undefined) {
            assert.deepEqual(value.data, expected.data, test);
            folded++;
          }
        });
        inferred++;
      } catch (error) {
        assert.ok(isZkonnxError(error) && error.kind === 'model', `${test}: ${String(error)}`);
      }
    }
    // So that the test cannot pass by refusing everything.
    assert.ok(inferred > 200, `${inferred} inferred`);
    assert.ok(folded > 60, `${folded} folded`);
    console.log(`# ${inferred} backend tests inferred, ${folded} outputs folded`);
  });
});

describe('inferTypes', () => {
  it('folds shape arithmetic: Shape → Gather → Unsqueeze → Concat → Reshape', () => {
    const graph = new GraphBuilder()
      .input('x', 'float32', [2, 3, 4])
      .constant('zero', 'int64', [], [0]).constant('axes', 'int64', [1], [0]).constant('rest', 'int64', [1], [-1])
      .node('Shape', ['x'], 'shape').node('Gather', ['shape', 'zero'], 'batch').node('Unsqueeze', ['batch', 'axes'], 'batch1')
      .node('Concat', ['batch1', 'rest'], 'target', { axis: 0 }).node('Reshape', ['x', 'target'], 'y')
      .output('y', 'float32', ['a', 'b']).build();
    const typed = inferTypes(graph);
    assert.deepEqual(typed.nodes.map(({ opType }) => opType), ['Reshape']);
    assert.deepEqual(typed.outputs[0]?.shape, [2, 12]);
    assert.deepEqual(typed.initializers.get('target')?.data, BigInt64Array.of(2n, -1n));
  });

  it('refuses a shape that depends on the data', () => {
    const graph = new GraphBuilder().input('x', 'float32', [4]).input('s', 'int64', [2]).node('Reshape', ['x', 's'], 'y').output('y', 'float32', ['a', 'b']).build();
    assert.equal(throwsCode(() => inferTypes(graph), 'SHAPE_UNSUPPORTED').details.node, 'y_node');
  });

  it('names node, expectation and finding for operands that do not fit', () => {
    const matmul = new GraphBuilder().input('a', 'float32', [2, 3]).input('b', 'float32', [4, 5]).node('MatMul', ['a', 'b'], 'y').output('y', 'float32', [2, 5]).build();
    const error = throwsCode(() => inferTypes(matmul), 'SHAPE_UNSUPPORTED');
    assert.deepEqual([error.details.node, error.details.expected, error.details.found], ['y_node', '[…, M, K] and […, K, N]', '[2, 3] and [4, 5]']);
    const types = new GraphBuilder().input('a', 'float32', [2]).input('b', 'int64', [2]).node('Add', ['a', 'b'], 'y').output('y', 'float32', [2]).build();
    throwsCode(() => inferTypes(types), 'MODEL_INVALID');
  });

  it('refuses unknown operators, missing and unknown attributes, wrong counts of inputs', () => {
    const one = (opType: string, attributes = {}, domain = '', inputs = ['x']): Graph => new GraphBuilder().input('x', 'float32', [1, 1, 4, 4]).node(opType, inputs, 'y', attributes, domain).output('y', 'float32', [1]).build();
    const unknown = throwsCode(() => inferTypes(one('Frobnicate', {}, 'com.microsoft')), 'OPERATOR_UNSUPPORTED');
    assert.match(unknown.message, /Frobnicate.*com\.microsoft.*y_node/);
    assert.match(throwsCode(() => inferTypes(one('MaxPool')), 'MODEL_INVALID').message, /kernel_shape/);
    assert.match(throwsCode(() => inferTypes(one('Relu', { bogus: 1 })), 'MODEL_INVALID').message, /bogus/);
    throwsCode(() => inferTypes(one('Flatten', { axis: [1] })), 'MODEL_INVALID');
    throwsCode(() => inferTypes(one('Add')), 'MODEL_INVALID');
    throwsCode(() => inferTypes(one('Flatten', { axis: 9 })), 'MODEL_INVALID');
    throwsCode(() => inferTypes(one('MaxPool', { kernel_shape: [9, 9] })), 'SHAPE_UNSUPPORTED');
    throwsCode(() => inferTypes(one('MaxPool', { kernel_shape: [2, 2], strides: [0, 1] })), 'MODEL_INVALID');
    throwsCode(() => inferTypes(one('MaxPool', { kernel_shape: [2, 2], pads: [2, 0, 0, 0] })), 'MODEL_INVALID');
    throwsCode(() => inferTypes(one('MaxPool', { kernel_shape: [2, 2], pads: [1, 0, 1, 0], dilations: [5, 1] })), 'OPERATOR_UNSUPPORTED');
  });

  it('refuses a scale that is not a positive number', () => {
    for (const scale of [0, -1, NaN, Infinity]) {
      const graph = new GraphBuilder().input('x', 'float32', [4]).quantize('x', 'y', { type: 'uint8', scale, zeroPoint: 0 }).output('y', 'uint8', [4]).build();
      throwsCode(() => inferTypes(graph), 'MODEL_INVALID');
    }
  });

  it('refuses an output that is declared with another type', () => {
    throwsCode(() => inferTypes(new GraphBuilder().input('x', 'float32', [4]).node('Relu', ['x'], 'y').output('y', 'int8', [4]).build()), 'MODEL_INVALID');
  });
});

describe('bindShapes', () => {
  const graph = (shape: (number | string)[], other: (number | string)[] = [1]): Graph =>
    new GraphBuilder().input('x', 'float32', shape).input('z', 'float32', other).node('Relu', ['x'], 'y').output('y', 'float32', shape).build();
  const shapes = (bound: Graph) => bound.inputs.map(({ shape }) => shape);

  it('binds a symbolic leading dimension to the batch, everywhere it stands', () => {
    assert.deepEqual(shapes(bindShapes(graph(['N', 3], [5, 'N']))), [[1, 3], [5, 1]]);
    assert.deepEqual(shapes(bindShapes(graph(['N', 3], ['?', 'N']), { batch: 4 })), [[4, 3], [4, 4]]);
  });

  it('takes other dimensions by name, and names the one that is missing', () => {
    assert.deepEqual(shapes(bindShapes(graph(['N', 'T']), { dimensions: { T: 7, N: 2 } }))[0], [2, 7]);
    const error = throwsCode(() => bindShapes(graph(['N', 'T'])), 'SHAPE_UNSUPPORTED');
    assert.match(`${error.message} ${error.details.found} ${error.details.fix}`, /Dimension 1.*'x'.*'T'.*T=N/);
    throwsCode(() => bindShapes(graph(['N', '?'])), 'SHAPE_UNSUPPORTED');
  });

  it('refuses a batch that the inputs cannot have, and sizes that are none', () => {
    throwsCode(() => bindShapes(graph([1, 3]), { batch: 4 }), 'SHAPE_UNSUPPORTED');
    assert.deepEqual(shapes(bindShapes(graph([4, 3], [4]), { batch: 4 })), [[4, 3], [4]]);
    for (const batch of [0, -1, 1.5, NaN]) throwsCode(() => bindShapes(graph(['N']), { batch }), 'USAGE');
  });
});
