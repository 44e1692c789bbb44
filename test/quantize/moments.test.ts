/** Means and covariances of what sums read, against the mean and the variance of the sums themselves, which ONNX Runtime computes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeModel } from '../../src/onnx/encode.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { GraphBuilder, tensor } from '../../src/onnx/testing/graphBuilder.js';
import { MomentSums } from '../../src/quantize/calibration/moments.js';
import { mapOfConv, mapOfConvTranspose } from '../../src/quantize/plan/linearMap.js';
import { run, withSession } from '../../src/runtime/session.js';
import { weights } from './portableTwin.js';

interface Case {
  readonly name: string;
  readonly opType: 'Conv' | 'ConvTranspose';
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly attributes?: Readonly<Record<string, number | string | number[]>>;
}

const CASES: readonly Case[] = [
  { name: 'padding', opType: 'Conv', x: [3, 2, 5, 4], w: [2, 2, 3, 3], attributes: { pads: [1, 1, 1, 1] } },
  { name: 'uneven padding, strides, dilations', opType: 'Conv', x: [2, 2, 7, 6], w: [1, 2, 2, 3], attributes: { pads: [0, 2, 1, 0], strides: [2, 1], dilations: [2, 1] } },
  { name: 'groups', opType: 'Conv', x: [2, 4, 4, 4], w: [6, 2, 2, 2], attributes: { group: 2 } },
  { name: 'SAME_UPPER', opType: 'Conv', x: [2, 1, 5, 5], w: [1, 1, 2, 2], attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] } },
  { name: 'one axis', opType: 'Conv', x: [2, 3, 9], w: [2, 3, 3], attributes: { strides: [3] } },
  { name: 'ConvTranspose with strides', opType: 'ConvTranspose', x: [2, 2, 3, 4], w: [2, 2, 3, 2], attributes: { strides: [2, 2], pads: [1, 0, 0, 1], output_padding: [1, 0] } },
  { name: 'ConvTranspose with groups', opType: 'ConvTranspose', x: [2, 4, 3, 3], w: [4, 1, 2, 2], attributes: { group: 2, dilations: [2, 1] } },
];

describe('moments of the inputs of sums', () => {
  for (const { name, opType, x, w, attributes } of CASES) {
    it(name, async () => {
      const values = weights(w.reduce((a, b) => a * b, 1), 1, 3);
      const graph = inferTypes(new GraphBuilder().input('x', 'float32', x).constant('w', 'float32', w, values).node(opType, ['x', 'w'], 'y', { kernel_shape: w.slice(2), ...attributes }).output('y', 'float32', []).build());
      const input = tensor('float32', x, weights(x.reduce((a, b) => a * b, 1), 1, 4).map((value) => value + 0.7));
      const found = (await withSession({ bytes: encodeModel({ ...graph, outputs: [{ name: 'y', type: 'float32', shape: [], unknownRank: true }] }) }, (session) => run(session, new Map([['x', input]])))).get('y');
      assert.ok(found !== undefined);
      const [node] = graph.nodes as [(typeof graph.nodes)[number]];
      const sums = new MomentSums([{ output: 'y', input: 'x', map: (opType === 'Conv' ? mapOfConv : mapOfConvTranspose)(node, graph) }], 1);
      sums.add('x', input);
      const moments = sums.finish().get('y');
      assert.ok(moments?.covariances !== undefined);
      const [batch, channels] = found.shape as [number, number];
      const inner = found.data.length / (batch * channels);
      assert.equal(moments.count, batch * inner);
      for (let channel = 0; channel < channels; channel++) {
        const results = Array.from({ length: batch * inner }, (_, index) => Number(found.data[(Math.floor(index / inner) * channels + channel) * inner + (index % inner)]));
        const mean = results.reduce((sum, value) => sum + value, 0) / results.length;
        const variance = results.reduce((sum, value) => sum + (value - mean) ** 2, 0) / results.length;
        const { groups, fanIn, means, covariances } = moments;
        const group = Math.floor(channel / (channels / groups));
        const own = opType === 'Conv' ? values.slice(channel * fanIn, (channel + 1) * fanIn) : turned(values, w, channel, groups);
        const dot = (offset: number, from: Float64Array): number => own.reduce((sum, value, index) => sum + value * (from[offset + index] as number), 0);
        assert.ok(Math.abs(dot(group * fanIn, means) - mean) < 1e-4, `mean ${mean}`);
        const quadratic = own.reduce((sum, value, row) => sum + value * dot((group * fanIn + row) * fanIn, covariances), 0);
        assert.ok(Math.abs(quadratic - variance) < 1e-3 * (1 + variance), `variance ${variance}, found ${quadratic}`);
      }
    });
  }

  it('of a few windows where there are too many are near those of all', () => {
    const x = tensor('float32', [4, 1, 64, 64], weights(4 * 64 * 64, 1, 5).map((value, index) => value + (index % 2)));
    const geometry = { inputSpatial: [64, 64], outputSpatial: [64, 64], kernel: [1, 1], strides: [1, 1], dilations: [1, 1], channels: 1, groups: 1, padsBefore: [0, 0], spread: [1, 1] };
    const sums = new MomentSums([{ output: 'y', input: 'x', map: geometry }], 1);
    sums.add('x', x);
    const moments = sums.finish().get('y');
    assert.equal(moments?.count, 1024);
    assert.ok(Math.abs((moments.means[0] as number) - 0.5) < 0.1 && Math.abs((moments.covariances?.[0] as number) - 1.25) < 0.2);
  });
});

/** The weights that one channel of a ConvTranspose reads its group of the input with, in the order of a convolution. */
function turned(values: readonly number[], [inputs, perGroup, ...kernel]: readonly number[], channel: number, groups: number): number[] {
  const taps = kernel.reduce((a, b) => a * b, 1);
  const rows = (inputs as number) / groups;
  const group = Math.floor(channel / (perGroup as number));
  return Array.from({ length: rows * taps }, (_, index) => values[((group * rows + Math.floor(index / taps)) * (perGroup as number) + (channel % (perGroup as number))) * taps + taps - 1 - (index % taps)] as number);
}
