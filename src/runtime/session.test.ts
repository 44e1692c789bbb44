import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isZkonnxError, type ErrorCode } from '../errors/index.js';
import { encodeModel } from '../onnx/encode.js';
import { inferTypes } from '../onnx/inferShapes.js';
import { GraphBuilder, tensor } from '../onnx/testing/graphBuilder.js';
import { firstDifference, countDifferences } from './compare.js';
import { runWithIntermediates } from './intermediates.js';
import { openSession, run, withSession } from './session.js';

const graph = new GraphBuilder().input('a', 'int8', [1, 2]).constant('b', 'int8', [2, 2], [1, 2, 3, 4]).node('MatMulInteger', ['a', 'b'], 'm').node('Identity', ['m'], 'y').output('y', 'int32', [1, 2]).build();
const bytes = encodeModel(graph);
const rejectsWith = (promise: Promise<unknown>, code: ErrorCode) => assert.rejects(promise, (error) => isZkonnxError(error) && error.code === code);

describe('session', () => {
  it('runs a model on named tensors', async () => {
    const outputs = await withSession({ bytes, optimisation: 'all', threads: 2 }, (session) => run(session, new Map([['a', tensor('int8', [1, 2], [5, -6])]])));
    assert.deepEqual([...outputs], [['y', tensor('int32', [1, 2], [5 - 18, 10 - 24])]]);
  });

  it('wraps what ONNX Runtime says', async () => {
    await rejectsWith(openSession({ bytes: new Uint8Array([1, 2, 3]) }), 'NATIVE_FAILED');
    await rejectsWith(openSession({ path: 'does-not-exist.onnx' }), 'NATIVE_FAILED');
    await rejectsWith(openSession({}), 'USAGE');
    await withSession({ bytes }, async (session) => {
      await rejectsWith(run(session, new Map()), 'INPUT_MISSING');
      await rejectsWith(run(session, new Map([['a', tensor('int8', [1, 3], [1, 2, 3])]])), 'NATIVE_FAILED');
      await rejectsWith(run(session, new Map([['a', tensor('int8', [1, 2], [1, 2, 3])]])), 'INPUT_SHAPE');
      await rejectsWith(run(session, new Map([['a', tensor('float32', [1, 2], [1, 2])]])), 'NATIVE_FAILED');
    });
  });

  it('refuses outputs that would end the process', async () => {
    const int4 = new GraphBuilder().input('x', 'float32', [2]).constant('s', 'float32', [], [1]).node('QuantizeLinear', ['x', 's'], 'y', { output_dtype: 22 }).output('y', 'int4', [2]).build(21);
    await rejectsWith(openSession({ bytes: encodeModel(int4) }), 'TYPE_UNSUPPORTED');
  });
});

describe('intermediates', () => {
  const typed = inferTypes(graph);
  const inputs = new Map([['a', tensor('int8', [1, 2], [5, -6])]]);

  it('gives every computed tensor', async () => {
    const tensors = await runWithIntermediates({ graph: typed, inputs });
    assert.deepEqual([...tensors.keys()], ['y', 'm']);
    assert.deepEqual(tensors.get('m'), tensors.get('y'));
  });

  it('finds the first node that differs, with both values', async () => {
    const expected = await runWithIntermediates({ graph: typed, inputs });
    assert.equal(firstDifference({ nodes: typed.nodes, expected, found: expected }), undefined);
    const wrong = tensor('int32', [1, 2], [-13, 99]);
    const found = new Map([['m', wrong], ['y', wrong]]);
    assert.deepEqual(firstDifference({ nodes: typed.nodes, expected, found }), { node: 'm_node', opType: 'MatMulInteger', tensor: 'm', index: 1, expected: -14, found: 99 });
    assert.equal(countDifferences(expected.get('m') as never, wrong), 1);
    assert.equal(countDifferences(tensor('float32', [3], [0, NaN, 1]), tensor('float32', [3], [-0, NaN, 1])), 1);
  });
});
