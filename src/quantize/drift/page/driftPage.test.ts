import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DriftReport, LayerDrift, OutputDrift } from '../driftReport.js';
import { driftPage } from './driftPage.js';

const HOSTILE = '<script>alert("1")</script>&\'';
const output = (name: string): OutputDrift => ({
  name, elements: 3, maxAbsoluteError: 0.25, meanAbsoluteError: 0.1, relativeError: 0.0123, signalToNoise: 38.2, cosine: 0.9999, top1Agreement: 0.75, top5Agreement: 1,
  histogram: { lo: -0.25, hi: 0.25, counts: [1, 0, 2] }, sample: [[0, 0.25], [1, 1]],
});
const layer = (node: string, own: number | null): LayerDrift => ({ node, operator: 'Conv', floatTensor: node, type: 'int8', scale: 0.5, elements: 3, maxAbsoluteError: 1, meanAbsoluteError: 1, relativeError: 0.1, signalToNoise: own, ownSignalToNoise: own, clipped: 0.001 });
const report = (layers: readonly LayerDrift[], names: readonly string[] = ['y']): DriftReport => ({
  version: 1,
  models: { float: { name: HOSTILE, bytes: 2000, nodes: 3 }, quantized: { name: 'q.onnx', bytes: 1000, nodes: 4 } },
  sets: [
    { name: 'calibration', inferences: 2, outputs: names.map(output), layers },
    { name: 'evaluation', inferences: 4, outputs: names.map(output), layers, task: { kind: 'classification', output: 'y', float: { score: 1, right: 4 }, quantized: { score: 0.75, right: 3 }, lossPoints: 25 } },
  ],
});

/** Elements that must be closed, opened and closed in order. */
function assertBalanced(html: string): void {
  const open: string[] = [];
  for (const [, close, name, own] of html.replace(/<style>[\s\S]*?<\/style>/g, '').matchAll(/<(\/?)([a-zA-Z0-9]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (own === '/' || ['meta', 'br'].includes(name as string)) continue;
    if (close === '/') assert.equal(open.pop(), name);
    else open.push(name as string);
  }
  assert.deepEqual(open, []);
}

describe('the drift page', () => {
  it('holds everything, loads nothing, and lets no name become markup', async () => {
    const html = await driftPage(report([layer('first', 40), layer(HOSTILE, 12.3), layer('exact', null)], ['y', HOSTILE]));
    assertBalanced(html);
    assert.ok(!html.includes('<script') && !html.includes('alert("1")'));
    // Names of XML namespaces are the only addresses.
    assert.deepEqual([...new Set(html.match(/https?:[^"'\s<)]+/g))].sort(), ['http://www.w3.org/1999/xlink', 'http://www.w3.org/2000/svg']);
    assert.ok(!/\b(src|href|@import|url\((?!#))/.test(html.replace(/xmlns:xlink="[^"]*"/g, '')));
    assert.equal(html.match(/<svg/g)?.length, 5);
    for (const text of ['38.2 dB', '1.23 %', '−25.00 points', 'Rounding costs most at', '12.3 dB', '0.999900', '0.50 ×']) assert.ok(html.includes(text), text);
  });

  it('is made for no layers, one layer and thousands', async () => {
    for (const count of [0, 1, 3000]) {
      const html = await driftPage(report(Array.from({ length: count }, (_, index) => layer(`layer${index}`, 30 + (index % 7)))));
      assertBalanced(html);
      assert.ok(html.length < 2_000_000, `${count} layers: ${html.length} characters`);
      assert.equal(html.includes('<h2>Layers</h2>'), count > 0);
    }
  });
});
