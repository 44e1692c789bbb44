import { describe, it } from 'node:test';
import { assertEqualsRuntime } from '../../test/support/compareWithRuntime.js';
import { seeded } from '../../test/support/seeded.js';
import { GraphBuilder } from '../onnx/testing/graphBuilder.js';

const TYPE = 'int8';

function pairGraph(opType: string, scales: readonly [number, number, number], zeros: readonly [number, number, number], shapes: readonly [number[], number[], number[]]) {
  return new GraphBuilder()
    .input('a', TYPE, shapes[0])
    .input('b', TYPE, shapes[1])
    .dequantize('a', 'af', { type: TYPE, scale: scales[0], zeroPoint: zeros[0] })
    .dequantize('b', 'bf', { type: TYPE, scale: scales[1], zeroPoint: zeros[1] })
    .node(opType, ['af', 'bf'], 'cf')
    .quantize('cf', 'c', { type: TYPE, scale: scales[2], zeroPoint: zeros[2] })
    .output('c', TYPE, shapes[2])
    .build();
}

describe('Add, Sub and Mul of two quantized tensors equal ONNX Runtime', () => {
  const random = seeded(1);
  const scale = () => Math.fround(0.002 + 0.1 * random());
  const zero = () => Math.floor(random() * 256) - 128;
  for (const opType of ['Add', 'Sub', 'Mul']) {
    for (let i = 0; i < 4; i++) {
      const scales = [scale(), scale(), Math.fround(opType === 'Mul' ? 0.05 * random() + 0.001 : 0.02 + 0.1 * random())] as const;
      it(`${opType}, scales ${scales.join(', ')}`, async () => {
        await assertEqualsRuntime({ graph: pairGraph(opType, scales, [zero(), zero(), zero()], [[2, 3, 50], [3, 1], [2, 3, 50]]), random });
      });
    }
  }
  it('Add at exact ties', async () => {
    await assertEqualsRuntime({ graph: pairGraph('Add', [0.5, 0.25, 1], [3, -2, 5], [[200], [200], [200]]), random });
  });
  it('Add with equal scales is linear', async () => {
    await assertEqualsRuntime({ graph: pairGraph('Add', [0.5, 0.5, 0.5], [3, -2, 5], [[200], [200], [200]]), random });
  });
  it('Mul at exact ties', async () => {
    await assertEqualsRuntime({ graph: pairGraph('Mul', [0.5, 0.25, 1], [3, -2, 5], [[200], [200], [200]]), random });
  });
});
