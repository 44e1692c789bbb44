/** Models and calibration inputs that are strange or wrong: a result that works, or one clear error. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isZkonnxError, type ErrorCode, type ZkonnxError } from '../../src/errors/index.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { Graph, Tensor } from '../../src/onnx/graph.js';
import { GraphBuilder, tensor } from '../../src/onnx/testing/graphBuilder.js';
import { quantizeModel } from '../../src/quantize/quantizeModel.js';
import { run, withSession } from '../../src/runtime/session.js';
import { longChain } from './longChain.js';
import { portableTwin, weights } from './portableTwin.js';

type Set = Readonly<Record<string, Tensor>>;

const image = (values: readonly number[], shape: readonly number[] = [1, values.length]): Set => ({ x: tensor('float32', shape, values) });

async function refuses(graph: Graph, calibration: readonly Set[], code: ErrorCode): Promise<ZkonnxError> {
  try {
    await quantizeModel({ model: encodeModel(graph), calibration });
  } catch (error) {
    assert.ok(isZkonnxError(error), String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  assert.fail(`nothing was thrown, ${code} was expected`);
}

/** y = x · w + b for two values. */
function dense(w: readonly number[], b: readonly number[] = [0, 0]): Graph {
  return new GraphBuilder().input('x', 'float32', ['batch', 2]).constant('w', 'float32', [2, 2], w).constant('b', 'float32', [2], b).node('Gemm', ['x', 'w', 'b'], 'y').output('y', 'float32', ['batch', 2]).build();
}

async function outputOf(graph: Graph, calibration: readonly Set[], input: Set): Promise<{ data: number[]; shape: readonly number[]; warnings: readonly string[] }> {
  const { model, warnings } = await quantizeModel({ model: encodeModel(graph), calibration });
  const [result] = [...(await withSession({ bytes: model }, (session) => run(session, new Map(Object.entries(input))))).values()] as [Tensor];
  return { data: [...(result.data as Float32Array)], shape: result.shape, warnings };
}

describe('strange models', () => {
  it('weights that are not numbers are named', async () => {
    const error = await refuses(dense([1, 2, NaN, 4]), [image([1, 2])], 'MODEL_INVALID');
    assert.match(error.message, /Element 2 of the constant 'w'.*NaN/);
    await refuses(dense([1, 2, Infinity, 4]), [image([1, 2])], 'MODEL_INVALID');
  });

  it('tensors that are always zero', async () => {
    const { data } = await outputOf(dense([0, 0, 0, 0]), [image([0, 0])], image([3, -5]));
    assert.deepEqual(data, [0, 0]);
  });

  it('an output that is always the same', async () => {
    const { data } = await outputOf(dense([0, 0, 0, 0], [2.5, -1]), [image([1, 2]), image([-1, 0.5])], image([0.25, -0.5]));
    assert.ok(Math.abs((data[0] as number) - 2.5) < 0.02 && Math.abs((data[1] as number) + 1) < 0.02, data.join());
  });

  it('an output that depends on constants alone is refused', async () => {
    const graph = new GraphBuilder().input('x', 'float32', [1, 2]).constant('c', 'float32', [1], [3]).node('Relu', ['x'], 'y').node('Exp', ['c'], 'z').output('y', 'float32', [1, 2]).output('z', 'float32', [1]).build();
    const error = await refuses(graph, [image([1, 2])], 'OPERATOR_UNSUPPORTED');
    assert.match(error.message, /'z'/);
  });

  it('weights of huge and of tiny size in one layer', async () => {
    const graph = new GraphBuilder().input('x', 'float32', [1, 4]).constant('w', 'float32', [4, 4], weights(16, 1, 3).map((value, index) => value * [1e12, 1e-12, 1, 1e4][index % 4]!)).node('MatMul', ['x', 'w'], 'm').constant('s', 'float32', [4], [1e-12, 1e12, 1, 1e-4]).node('Mul', ['m', 's'], 'y').output('y', 'float32', [1, 4]).build();
    assert.ok((await portableTwin({ graph })).decibels > 30);
  });

  it('a bias far larger than the weights: their scale is raised, and no int32 overflows', async () => {
    const graph = dense([1e-7, 2e-7, -1e-7, 1e-7], [1000, -1000]);
    const { data } = await outputOf(graph, [image([1, 2]), image([-1, -2])], image([1, 1]));
    assert.ok(Math.abs((data[0] as number) - 1000) < 10 && Math.abs((data[1] as number) + 1000) < 10, data.join());
  });

  it('activations that overflow float32 are named', async () => {
    const graph = new GraphBuilder().input('x', 'float32', [1, 2]).node('Exp', ['x'], 'e').node('Exp', ['e'], 'f').node('Concat', ['f', 'x'], 'y', { axis: 1 }).output('y', 'float32', [1, 4]).build();
    const error = await refuses(graph, [image([10, 1])], 'INPUT_RANGE');
    assert.match(error.message, /'f'/);
  });

  it('a batch that is symbolic stays symbolic', async () => {
    const { data, shape } = await outputOf(dense([1, 0, 0, 1]), [image([1, 2, -1, -2], [2, 2]), image([3, 3])], image([1, 2, 3, -2, 0, 0], [3, 2]));
    assert.deepEqual(shape, [3, 2]);
    assert.ok(data.every((value, index) => Math.abs(value - ([1, 2, 3, -2, 0, 0][index] as number)) < 0.05), data.join());
  });

  it('a batch that a Reshape fixes becomes fixed, with a warning', async () => {
    const graph = new GraphBuilder().input('x', 'float32', ['n', 4]).node('Shape', ['x'], 's').node('Reshape', ['x', 's'], 'r').node('Relu', ['r'], 'y').output('y', 'float32', ['n', 4]).build();
    const { shape, warnings } = await outputOf(graph, [image([1, 2, 3, 4])], image([1, 2, 3, 4]));
    assert.deepEqual(shape, [1, 4]);
    assert.match(warnings.join(), /one batch size/);
  });

  it('shapes that the model does not say are those of the calibration inputs, with a warning', async () => {
    const graph: Graph = { ...new GraphBuilder().node('Relu', ['x'], 'y').build(), inputs: [{ name: 'x', type: 'float32', shape: [], unknownRank: true }], outputs: [{ name: 'y', type: 'float32', shape: [], unknownRank: true }] };
    const { shape, warnings } = await outputOf(graph, [image([1, -2, 3, 4], [2, 2])], image([1, -2, 3, 4], [2, 2]));
    assert.deepEqual(shape, [2, 2]);
    assert.match(warnings.join(), /taken from the calibration inputs/);
  });

  it('5,000 nodes', async () => {
    const { data } = await outputOf(longChain(5000), [image([1, -2, 3, -4])], image([1, -2, 3, -4]));
    assert.ok(data.every((value, index) => Math.abs(value - index - 1) < 0.05), data.join());
  });

  it('nodes without an integer form are all named', async () => {
    const graph = new GraphBuilder().input('x', 'float32', [1, 4]).node('Softmax', ['x'], 's', { axis: 1 }).node('LogSoftmax', ['s'], 'l', { axis: 1 }).node('LRN', ['l'], 'y', { size: 1 }).output('y', 'float32', [1, 4]).build();
    const error = await refuses(graph, [image([1, 2, 3, 4])], 'OPERATOR_UNSUPPORTED');
    assert.match(error.message, /'l_node' \(LogSoftmax\).*'y_node' \(LRN\)/);
    const middle = new GraphBuilder().input('x', 'float32', [1, 4]).node('Softmax', ['x'], 's', { axis: 1 }).node('Greater', ['s', 'x'], 'g').node('Relu', ['s'], 'y').output('y', 'float32', [1, 4]).output('g', 'bool', [1, 4]).build();
    assert.match((await refuses(middle, [image([1, 2, 3, 4])], 'OPERATOR_UNSUPPORTED')).message, /^(?!.*Softmax).*'g_node' \(Greater\)/);
  });

  it('a quantized model is refused', async () => {
    const graph = new GraphBuilder().input('x', 'float32', [1, 2]).quantize('x', 'q', { type: 'int8', scale: 1, zeroPoint: 0 }).dequantize('q', 'y', { type: 'int8', scale: 1, zeroPoint: 0 }).output('y', 'float32', [1, 2]).build();
    assert.match((await refuses(graph, [image([1, 2])], 'OPERATOR_UNSUPPORTED')).message, /quantized already/);
  });

  it('models of other float types are refused', async () => {
    const graph = new GraphBuilder().input('x', 'float64', [1, 2]).node('Relu', ['x'], 'y').output('y', 'float64', [1, 2]).build();
    await refuses(graph, [{ x: tensor('float64', [1, 2], [1, 2]) }], 'TYPE_UNSUPPORTED');
  });
});

describe('strange models with enough calibration inputs for a choice of observers', () => {
  const many = (values: readonly number[]): Set[] => Array.from({ length: 40 }, (_, index) => image(values.map((value) => value * (1 - index / 80))));

  it('tensors that are always zero, and outputs that are always the same', async () => {
    assert.deepEqual((await outputOf(dense([0, 0, 0, 0]), many([0, 0]), image([3, -5]))).data, [0, 0]);
    const { data } = await outputOf(dense([0, 0, 0, 0], [2.5, -1]), many([1, 2]), image([0.25, -0.5]));
    assert.ok(Math.abs((data[0] as number) - 2.5) < 0.02 && Math.abs((data[1] as number) + 1) < 0.02, data.join());
  });

  it('one input again and again', async () => {
    const { data } = await outputOf(dense([1, 0, 0, 1]), Array.from({ length: 40 }, () => image([1, -2])), image([1, -2]));
    assert.ok(Math.abs((data[0] as number) - 1) < 0.05 && Math.abs((data[1] as number) + 2) < 0.05, data.join());
  });

  it('values of huge and of tiny size', async () => {
    const { data } = await outputOf(dense([1e-12, 1e12, 1, 1e-4]), many([1e12, 1e-6]), image([1e12, 0]));
    assert.ok(data.every(Number.isFinite) && Math.abs((data[1] as number) / 1e24 - 1) < 0.02, data.join());
  });

  it('2,000 nodes', async () => {
    const { data } = await outputOf(longChain(2000), many([1, -2, 3, -4]), image([1, -2, 3, -4]));
    assert.ok(data.every((value, index) => Math.abs(value - index - 1) < 0.1), data.join());
  });

  it('stops between layers when it is asked to', async () => {
    const controller = new AbortController();
    const stopped = quantizeModel({ model: encodeModel(dense([1, 2, 3, 4])), calibration: many([1, 2]), options: { signal: controller.signal, onProgress: (share) => { if (share > 0.6) controller.abort(); } } });
    await assert.rejects(stopped, (error) => isZkonnxError(error) && error.code === 'CANCELLED');
  });
});

describe('wrong calibration inputs', () => {
  const graph = dense([1, 2, 3, 4]);
  const cases: readonly { name: string; calibration: readonly Set[]; code: ErrorCode; message: RegExp }[] = [
    { name: 'none', calibration: [], code: 'USAGE', message: /calibration inputs/ },
    { name: 'an input is missing', calibration: [{}], code: 'INPUT_MISSING', message: /'x'/ },
    { name: 'an input too many', calibration: [{ ...image([1, 2]), z: tensor('float32', [1], [1]) }], code: 'INPUT_UNKNOWN', message: /'z'/ },
    { name: 'the wrong size', calibration: [image([1, 2]), image([1, 2, 3])], code: 'INPUT_SHAPE', message: /calibration input 1/ },
    { name: 'the wrong rank', calibration: [image([1, 2], [2])], code: 'INPUT_SHAPE', message: /'x'/ },
    { name: 'data that do not fit their shape', calibration: [{ x: { type: 'float32', shape: [2, 2], data: Float32Array.of(1, 2) } }], code: 'INPUT_SHAPE', message: /2 elements|wrong shape/ },
    { name: 'the wrong type', calibration: [{ x: tensor('int8', [1, 2], [1, 2]) }], code: 'INPUT_TYPE', message: /'x'/ },
    { name: 'not a number', calibration: [image([1, NaN])], code: 'INPUT_RANGE', message: /element 1/ },
  ];
  for (const { name, calibration, code, message } of cases) {
    it(name, async () => assert.match((await refuses(graph, calibration, code)).message, message));
  }

  it('several inferences for a model of one at a time are taken one by one', async () => {
    const fixed = new GraphBuilder().input('x', 'float32', [1, 2]).node('Relu', ['x'], 'y').output('y', 'float32', [1, 2]).build();
    const { data } = await outputOf(fixed, [image([1, 2, 4, -1], [2, 2])], image([4, -1]));
    assert.ok(Math.abs((data[0] as number) - 4) < 0.02 && data[1] === 0, data.join());
  });
});

describe('what stays float', () => {
  const graph = new GraphBuilder().input('x', 'float32', [1, 2]).constant('w', 'float32', [2, 2], [1, 2, 3, 4]).node('MatMul', ['x', 'w'], 'm').node('Tanh', ['m'], 't').node('MatMul', ['t', 'w'], 'n').node('Tanh', ['n'], 'y').output('y', 'float32', [1, 2]).build();
  const calibration = [image([1, 2]), image([-1, 0.5])];

  it('an excluded node at the end', async () => {
    const { model, warnings } = await quantizeModel({ model: encodeModel(graph), calibration, options: { exclude: ['y_node'] } });
    assert.match(warnings.join(), /a node stays float, outside the proof.*: 'y_node' \(Tanh\)$/);
    const outputs = await withSession({ bytes: model }, (session) => run(session, new Map(Object.entries(image([1, 2])))));
    const expected = await withSession({ bytes: encodeModel(graph) }, (session) => run(session, new Map(Object.entries(image([1, 2])))));
    outputs.get('y')?.data.forEach((value: number | bigint, index: number) => assert.ok(Math.abs(Number(value) - Number(expected.get('y')?.data[index])) < 0.05));
  });

  it('excluded nodes at the beginning, and a Softmax at the end, with a warning', async () => {
    const classifier = new GraphBuilder().input('x', 'float32', [1, 2]).constant('w', 'float32', [2, 2], [1, 2, 3, 4]).node('Sin', ['x'], 's').node('MatMul', ['s', 'w'], 'm').node('Softmax', ['m'], 'y', { axis: 1 }).output('y', 'float32', [1, 2]).build();
    const { warnings } = await quantizeModel({ model: encodeModel(classifier), calibration, options: { exclude: ['Sin'] } });
    assert.match(warnings.join(), /2 nodes stay float.*: 's_node' \(Sin\), 'y_node' \(Softmax\)$/);
    assert.deepEqual((await quantizeModel({ model: encodeModel(graph), calibration })).warnings, []);
  });

  it('an excluded node between quantized layers is refused by name', async () => {
    await assert.rejects(quantizeModel({ model: encodeModel(graph), calibration, options: { exclude: ['t_node'] } }), /'t_node' \(Tanh\): it is excluded, but lies between/);
    await assert.rejects(quantizeModel({ model: encodeModel(graph), calibration, options: { include: ['MatMul'] } }), /'t_node' \(Tanh\)/);
  });

  it('a name that the model does not have', async () => {
    await assert.rejects(quantizeModel({ model: encodeModel(graph), calibration, options: { exclude: ['Tan'] } }), (error) => isZkonnxError(error) && error.code === 'USAGE');
  });
});
