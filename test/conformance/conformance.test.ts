import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ERRORS } from '../../src/errors/index.js';
import type { Graph, Tensor } from '../../src/onnx/graph.js';
import { GraphBuilder, integers, tensor } from '../../src/onnx/testing/graphBuilder.js';
import { casesFolder, listCases, type ConformanceCase } from './cases.js';
import { RULES } from './refusalRules.js';
import { judge, unusedRules } from './refusals.js';
import { prove, runCase, type CaseOutcome } from './verdict.js';

const values = Float32Array.from(integers({ count: 60, lo: -1000, hi: 1000, seed: 3 }), (value) => value / 100);

function floatCase(graph: Graph, inputs: Record<string, Tensor>, expected: Record<string, Tensor>): ConformanceCase {
  return { entry: { name: 'test_own', ops: [], category: 'nn', integerOnly: false, expanded: false }, graph, inputs: new Map(Object.entries(inputs)), expected: new Map(Object.entries(expected)) };
}

describe('conformance runner', () => {
  it('wraps a float case and compares it with ONNX Runtime', async () => {
    const graph = new GraphBuilder().input('x', 'float32', [60]).node('Relu', ['x'], 'y').output('y', 'float32', [60]).build();
    const proof = await prove(floatCase(graph, { x: { type: 'float32', shape: [60], data: values } }, { y: { type: 'float32', shape: [60], data: values.map((value) => Math.max(0, value)) } }));
    assert.equal(proof.oracle, 'wrapped model');
    assert.ok(proof.rows > 60 && proof.outputs >= 60);
  });

  it('takes integer operators as they are where the canonical graph has any, with weights as constants', async () => {
    const graph = new GraphBuilder().input('a', 'float32', [6, 10]).input('b', 'float32', [10, 6]).input('c', 'float32', [6]).node('Gemm', ['a', 'b', 'c'], 'y').output('y', 'float32', [6, 6]).build();
    const a = { type: 'float32', shape: [6, 10], data: values } as const;
    const b = { type: 'float32', shape: [10, 6], data: values.map((value) => -value) } as const;
    const c = { type: 'float32', shape: [6], data: values.slice(0, 6) } as const;
    const y = Float32Array.from({ length: 36 }, (_, i) => Array.from({ length: 10 }, (_unused, k) => (a.data[Math.floor(i / 6) * 10 + k] as number) * (b.data[k * 6 + (i % 6)] as number)).reduce((sum, term) => sum + term, c.data[i % 6] as number));
    const proof = await prove(floatCase(graph, { a, b, c }, { y: { type: 'float32', shape: [6, 6], data: y } }));
    assert.equal(proof.oracle, 'integer operators');
    assert.ok(proof.operators.includes('com.microsoft.QGemm'));
    assert.ok(proof.constants.includes('c'));
  });

  it('fails an integer case whose expected tensor is off by one', async () => {
    const graph = new GraphBuilder().input('x', 'uint8', [2, 3]).node('Transpose', ['x'], 'y').output('y', 'uint8', [3, 2]).build();
    const x = tensor('uint8', [2, 3], [1, 2, 3, 4, 5, 6]);
    const proof = await prove(floatCase(graph, { x }, { y: tensor('uint8', [3, 2], [1, 4, 2, 5, 3, 6]) }));
    assert.equal(proof.oracle, 'case');
    await assert.rejects(prove(floatCase(graph, { x }, { y: tensor('uint8', [3, 2], [1, 4, 2, 5, 3, 7]) })), /differs from the case in 1 of 6/);
  });

  it('fails a wrapped case that collapses to fewer levels than the case has', async () => {
    const graph = new GraphBuilder().input('x', 'float32', [60]).node('Relu', ['x'], 'y').output('y', 'float32', [60]).build();
    const spread = Float32Array.from({ length: 60 }, (_, index) => index * 100);
    await assert.rejects(prove(floatCase(graph, { x: { type: 'float32', shape: [60], data: values } }, { y: { type: 'float32', shape: [60], data: spread } })), /distinct levels/);
  });
});

describe('list of refusals', () => {
  const rules = [{ code: 'OPERATOR_UNSUPPORTED', reason: 'because', cases: ['a_*', 'b'] }] as const;
  const outcome = (name: string, verdict: CaseOutcome['verdict'], code?: string): CaseOutcome => ({ name, ops: [], kind: 'wrapped', verdict, ...(code === undefined ? {} : { code }) });

  it('accepts a listed refusal with its code', () => {
    const judged = judge(outcome('test_a_1', 'refused', 'OPERATOR_UNSUPPORTED'), rules);
    assert.equal(judged.verdict, 'refused');
    assert.equal(judged.reason, 'because');
    assert.equal(judge(outcome('test_b', 'refused', 'OPERATOR_UNSUPPORTED'), rules).verdict, 'refused');
  });

  it('fails another code, an unlisted refusal, and a listed case that proves', () => {
    assert.match(judge(outcome('test_b', 'refused', 'TYPE_UNSUPPORTED'), rules).message ?? '', /instead of OPERATOR_UNSUPPORTED/);
    assert.match(judge(outcome('test_bc', 'refused', 'OPERATOR_UNSUPPORTED'), rules).message ?? '', /no line/);
    assert.match(judge(outcome('test_a_1', 'proven'), rules).message ?? '', /remove the line/);
    assert.equal(judge(outcome('test_a_1', 'proven'), rules).verdict, 'failed');
    assert.equal(judge(outcome('test_c', 'proven'), rules).verdict, 'proven');
  });

  it('finds patterns that match nothing', () => assert.deepEqual(unusedRules(['test_a_1'], rules), ['b']));

  it('has a code and one line of reason for every rule, and no case twice under one code', () => {
    for (const { code, reason, cases } of RULES) {
      assert.ok(code in ERRORS);
      assert.match(reason, /^.{10,160}$/);
      assert.ok(cases.length > 0);
    }
    // One pattern may stand for cases that are refused with different codes; it stands only once under each.
    const patterns = RULES.flatMap(({ code, cases }) => cases.map((pattern) => `${code} ${pattern}`));
    assert.deepEqual(patterns.filter((pattern, index) => patterns.indexOf(pattern) !== index), []);
  });

  const cases = listCases(casesFolder());
  it('fits cases of ONNX', { skip: cases === undefined && `no node tests at ${casesFolder()}` }, async () => {
    for (const name of ['test_basic_conv_with_padding', 'test_maxpool_2d_uint8', 'test_qlinearmatmul_2D_uint8_float32', 'test_transpose_default', 'test_quantizelinear_int16']) {
      const entry = cases?.find((candidate) => candidate.name === name);
      assert.ok(entry !== undefined, name);
      assert.equal(judge(await runCase(casesFolder(), entry)).verdict, 'proven', name);
    }
  });
});
