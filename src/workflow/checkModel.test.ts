import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { compileProgram } from '../compile/index.js';
import { encodeModel } from '../onnx/encode.js';
import type { Graph } from '../onnx/graph.js';
import { GraphBuilder } from '../onnx/testing/graphBuilder.js';
import { inFolder } from '../../test/support/files.js';
import { checkModel, type CheckModelParameters, type CheckModelReturnType } from './checkModel.js';
import { readCore } from './readCore.js';

const INT8 = { type: 'int8', scale: 0.5, zeroPoint: 0 } as const;

/** Checks a graph that is written to a file. */
function checked(graph: Graph, options: Omit<CheckModelParameters, 'model'> = {}): Promise<CheckModelReturnType> {
  return inFolder(async (folder) => {
    const model = join(folder, 'model.onnx');
    await writeFile(model, encodeModel(graph));
    return checkModel({ model, samples: 1, ...options });
  });
}

/** Quantized pieces one after the other, two of which have no exact integer form. */
function twoOffenders(): Graph {
  return new GraphBuilder()
    .input('x', 'float32', [1, 4, 4])
    .quantize('x', 'q', INT8)
    .dequantize('q', 'a', INT8)
    .node('Relu', ['a'], 'b')
    .quantize('b', 'qb', { ...INT8, scale: 0.25 })
    .dequantize('qb', 'c', { ...INT8, scale: 0.25 })
    .node('Softmax', ['c'], 'd', { axis: -1 })
    .quantize('d', 'qd', { ...INT8, scale: 0.013 })
    .node('MatMulInteger', ['qd', 'qd'], 'e')
    .node('Cast', ['e'], 'f', { to: 1 })
    .node('Det', ['f'], 'g')
    .quantize('g', 'qg', INT8)
    .dequantize('qg', 'y', INT8)
    .output('y', 'float32', [1])
    .build(17);
}

describe('check', () => {
  it('gives the whole table of a model that cannot be proven: all offenders with what to do, and the rows of the rest', async () => {
    const { verdicts, nodes, portable, comparisons, rows } = await checked(twoOffenders());
    assert.deepEqual([verdicts.stored.ok, verdicts.runs.ok, verdicts.proven.ok, portable, comparisons.length], [true, true, false, false, 0]);
    const of = (name: string) => nodes.find(({ node }) => node === name);
    assert.deepEqual(nodes.filter(({ verdict }) => verdict === 'refused').map(({ operator }) => operator), ['Softmax', 'Det']);
    assert.deepEqual(verdicts.proven.problems.map(({ node }) => node).sort(), ['d_node', 'g_node']);
    assert.ok(verdicts.proven.problems.every(({ message, fix }) => message.length > 20 && fix.length > 10));
    assert.deepEqual([of('qb_node')?.verdict, of('qb_node')?.output, of('q_node')?.verdict], ['exact', 'int8 [1, 4, 4]', 'outside']);
    // What lies between two offenders is looked at too: a product of int8 matrices, 4 · 4 · 4 products.
    assert.deepEqual([of('e_node')?.verdict, of('e_node')?.inputs, of('e_node')?.rows], ['exact', ['int8 [1, 4, 4]', 'int8 [1, 4, 4]'], 64]);
    assert.equal(rows, nodes.reduce((total, { rows: own }) => total + own, 0));
    assert.throws(() => readCore({ model: 'examples/digits/mlp.float.onnx', batch: 1 }));
  });

  it('says what hidden inputs, outputs and weights cost, commitment by commitment', async () => {
    const model = 'examples/digits/mlp.int8.qoperator.onnx';
    const visibility = { inputs: 'hashed', outputs: 'private', weights: 'hashed' } as const;
    const { verdicts, rows, publicSignals, commitments, nodes, visibility: found } = await checkModel({ model, samples: 1, visibility });
    const { r1cs } = compileProgram({ program: readCore({ model, batch: 1, weights: 'hashed' }).program, visibility });
    assert.deepEqual([verdicts.proven.ok, found, rows, publicSignals], [true, visibility, r1cs.rowCount, r1cs.publicInputCount + r1cs.publicOutputCount]);
    assert.deepEqual(commitments.map(({ part }) => part), ['inputs', 'weights']);
    // And a row for the context.
    assert.equal([...nodes, ...commitments].reduce((total, { rows: own }) => total + own, 1), rows);
  });

  it('says that a model without weights has none to hide, and not so of one with an offender', async () => {
    const weights = { visibility: { weights: 'hashed' } } as const;
    const { verdicts, commitments } = await checked(new GraphBuilder().input('x', 'int8', [1, 4]).node('Relu', ['x'], 'y').output('y', 'int8', [1, 4]).build(14), weights);
    assert.deepEqual([verdicts.stored.ok, verdicts.runs.ok, commitments], [true, true, []]);
    assert.deepEqual(verdicts.proven.problems.map(({ code, fix }) => [code, fix]), [['OPERATOR_UNSUPPORTED', 'Leave the weights fixed.']]);
    assert.deepEqual((await checked(twoOffenders(), weights)).verdicts.proven.problems.map(({ node }) => node).sort(), ['d_node', 'g_node']);
  });

  it('names every float operator of a model that is not quantized', async () => {
    const { verdicts, nodes } = await checkModel({ model: 'examples/digits/mlp.float.onnx', samples: 1 });
    assert.deepEqual([verdicts.stored.ok, verdicts.runs.ok, verdicts.proven.ok], [true, true, false]);
    assert.ok(nodes.length >= 3 && nodes.every(({ verdict, reason, fix }) => verdict === 'refused' && reason?.includes('not quantized') && fix?.includes('zkonnx quantize')));
  });

  it('what depends on an operator that is not known is not known either, but an offender behind it is still found', async () => {
    const graph = new GraphBuilder().input('x', 'int8', [1, 4]).node('Mystery', ['x'], 'a').node('Relu', ['a'], 'b').node('Riddle', ['b'], 'y').output('y', 'int8', [1, 4]).build();
    const { verdicts, nodes } = await checked(graph);
    assert.deepEqual(nodes.filter(({ operator }) => operator !== 'input').map(({ operator, verdict, output }) => [operator, verdict, output]), [
      ['Mystery', 'refused', 'unknown'],
      ['Relu', 'unknown', 'unknown'],
      ['Riddle', 'refused', 'unknown'],
    ]);
    assert.deepEqual([verdicts.stored.ok, verdicts.runs.ok], [true, false]);
    assert.match(verdicts.runs.problems[0]?.message ?? '', /Mystery/);
  });

  it('a file that is no model cannot be stored, run or proven, and says why once', () =>
    inFolder(async (folder) => {
      const model = join(folder, 'model.onnx');
      await writeFile(model, 'version https://git-lfs.github.com/spec/v1\n');
      const { verdicts, nodes } = await checkModel({ model });
      assert.deepEqual([verdicts.stored.ok, verdicts.runs.ok, verdicts.proven.ok, nodes.length], [false, false, false, 0]);
      assert.deepEqual(verdicts.stored.problems.map(({ code }) => code), ['MODEL_MALFORMED']);
    }));

  it('an opset that is too old is stored and run, and the nodes are looked at all the same', async () => {
    const graph = new GraphBuilder().input('x', 'int8', [1, 4]).node('Identity', ['x'], 'y').output('y', 'int8', [1, 4]).build(10);
    const { verdicts, nodes } = await checked(graph, { profile: 'opengradient' });
    assert.deepEqual([verdicts.stored.ok, verdicts.runs.ok, verdicts.proven.ok, verdicts.profile?.ok], [true, true, false, true]);
    assert.deepEqual(verdicts.proven.problems.map(({ code }) => code), ['MODEL_OPSET_UNSUPPORTED']);
    assert.ok(nodes.some(({ operator, verdict }) => operator === 'Identity' && verdict === 'exact'));
  });
});

describe('the profile of OpenGradient', () => {
  const identity = (opset: number, ...inputs: readonly (readonly ['int8' | 'bool', readonly (number | string)[]])[]): Graph =>
    inputs
      .reduce((builder, [type, shape], index) => builder.input(`x${index}`, type, shape).node('Identity', [`x${index}`], `y${index}`).output(`y${index}`, type, shape), new GraphBuilder())
      .build(opset);

  it('takes opsets 9 to 18, and inputs that are all fixed or all dynamic', async () => {
    for (const graph of [identity(18, ['int8', [1, 4]], ['int8', [2]]), identity(11, ['int8', ['batch', 4]], ['int8', ['batch']])]) {
      assert.deepEqual((await checked(graph, { profile: 'opengradient' })).verdicts.profile, { name: 'opengradient', ok: true, problems: [] });
    }
    assert.equal('profile' in (await checked(identity(18, ['int8', [4]]))).verdicts, false);
  });

  it('names each violation', async () => {
    const { profile } = (await checked(identity(19, ['int8', ['batch', 4]], ['bool', [3]]), { profile: 'opengradient' })).verdicts;
    assert.equal(profile?.ok, false);
    assert.deepEqual(profile.problems.map(({ code }) => code), ['MODEL_OPSET_UNSUPPORTED', 'TYPE_UNSUPPORTED', 'SHAPE_UNSUPPORTED']);
    assert.match(profile.problems[0]?.message ?? '', /opset 19; OpenGradient takes 9 to 18/);
    assert.match(profile.problems[1]?.message ?? '', /'x1' is bool/);
    assert.match(profile.problems[2]?.message ?? '', /x0 \[batch, 4\].*x1 \[3\]/);
  });
});
