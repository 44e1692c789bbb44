import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeModel } from '../onnx/encode.js';
import type { QuantizedType } from '../onnx/elementType.js';
import { inferTypes } from '../onnx/inferShapes.js';
import { normalise } from '../onnx/normalise.js';
import { GraphBuilder, integers, tensor } from '../onnx/testing/graphBuilder.js';
import { throwsCode } from '../onnx/testing/throws.js';
import { coreInputs, dequantizeExit, modelOutputs, quantizeEntry, softmax } from './boundary.js';
import { run, withSession } from './session.js';

/** Multiples of half the scale and their float32 neighbours, extremes, and random bits. */
function hardValues(scale: number, zeroPoint: number): Float32Array {
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  const values: number[] = [0, -0, Infinity, -Infinity, 3.4e38, -3.4e38, 1e-45, -1e-45];
  for (let half = -600; half <= 600; half++) {
    float[0] = Math.fround(Math.fround(half / 2 - zeroPoint) * scale);
    const center = bits[0] as number;
    for (const offset of [-2, -1, 0, 1, 2]) {
      bits[0] = center + offset;
      if (!Number.isNaN(float[0])) values.push(float[0] as number);
    }
  }
  for (const raw of integers({ count: 2000, lo: 0, hi: 2 ** 32 - 1, seed: 3 })) {
    bits[0] = raw;
    if (!Number.isNaN(float[0])) values.push(float[0] as number);
  }
  return Float32Array.from(values);
}

describe('the boundary of the proof', () => {
  const cases: readonly [QuantizedType, number, number][] = [
    ['uint8', 0.5, 0], ['uint8', Math.fround(1 / 255), 128], ['int8', Math.fround(0.1), -7], ['int8', Math.fround(0.003921569), 127],
    ['uint16', Math.fround(0.01), 1000], ['int16', 0.25, -300],
  ];
  for (const [type, scale, zeroPoint] of cases) {
    it(`quantizes and dequantizes like ONNX Runtime: ${type}, scale ${scale}, zero point ${zeroPoint}`, async () => {
      const data = hardValues(scale, zeroPoint);
      const shape = [data.length];
      const graph = new GraphBuilder().input('x', 'float32', shape).quantize('x', 'q', { type, scale, zeroPoint }).dequantize('q', 'y', { type, scale, zeroPoint }).output('q', type, shape).output('y', 'float32', shape).build(21);
      const inputs = new Map([['x', { type: 'float32' as const, shape, data }]]);
      const expected = await withSession({ bytes: encodeModel(graph) }, (session) => run(session, inputs));
      const canonical = normalise(inferTypes(graph));
      const core = coreInputs(canonical, inputs);
      assert.deepEqual(core.get('q'), expected.get('q'));
      assert.deepEqual(modelOutputs(canonical, core), new Map([['q', expected.get('q')], ['y', expected.get('y')]]));
      assert.deepEqual(dequantizeExit(canonical.exits[0] as never, core.get('q') as never), expected.get('y'));
    });
  }

  const entry = { input: 'x', tensor: 'q', type: 'uint8', scale: 1, zeroPoint: 0 } as const;

  it('refuses NaN and integers', () => {
    const error = throwsCode(() => quantizeEntry(entry, tensor('float32', [3], [0, NaN, 1])), 'INPUT_RANGE');
    assert.match(error.message, /Element 1 of the input 'x'/);
    throwsCode(() => quantizeEntry(entry, tensor('uint8', [1], [3])), 'INPUT_TYPE');
  });

  it('shows Softmax close to ONNX Runtime’s', async () => {
    const graph = new GraphBuilder().input('x', 'float32', [2, 3, 4]).node('Softmax', ['x'], 'y', { axis: 1 }).output('y', 'float32', [2, 3, 4]).build();
    const x = tensor('float32', [2, 3, 4], integers({ count: 24, lo: -50, hi: 50, seed: 9 }).map((value) => value / 7));
    const expected = await withSession({ bytes: encodeModel(graph) }, (session) => run(session, new Map([['x', x]])));
    softmax(x, 1).data.forEach((value: number | bigint, index: number) => assert.ok(Math.abs(Number(value) - Number(expected.get('y')?.data[index])) < 1e-6));
  });
});
