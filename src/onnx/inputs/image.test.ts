import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encode } from 'jpeg-js';
import { PNG } from 'pngjs';
import type { ValueInfo } from '../graph.js';
import { tensor } from '../testing/graphBuilder.js';
import { throwsCode } from '../testing/throws.js';
import { tensorFromImage, type ImageOptions } from './image.js';

type Pixel = readonly [red: number, green: number, blue: number, opacity?: number];

function png(width: number, pixels: readonly Pixel[], options: ConstructorParameters<typeof PNG>[0] = {}): Uint8Array {
  const image = new PNG({ width, height: pixels.length / width, ...options });
  image.data = Buffer.from(pixels.flatMap(([red, green, blue, opacity = 255]) => [red, green, blue, opacity]));
  return new Uint8Array(PNG.sync.write(image, options));
}

const read = (input: Omit<ValueInfo, 'name'>, bytes: Uint8Array, options?: ImageOptions) => tensorFromImage({ input: { name: 'x', ...input }, bytes, options });
const PIXELS: readonly Pixel[] = [[255, 0, 7], [1, 128, 200]];
const two = png(2, PIXELS);

describe('images', () => {
  it('scales levels to 0…1 as a float32 division by 255 does', () => {
    const grey = png(256, Array.from({ length: 256 }, (_, level): Pixel => [level, level, level]));
    const expected = Array.from({ length: 256 }, (_, level) => Math.fround(level / 255));
    for (const shape of [[1, 1, 1, 256], [1, 1, 256], [1, 256]]) assert.deepEqual(read({ type: 'float32', shape }, grey), tensor('float32', shape, expected));
    assert.deepEqual(read({ type: 'uint8', shape: [1, 1, 256] }, grey), tensor('uint8', [1, 1, 256], expected.map((_, level) => level)));
    assert.deepEqual(read({ type: 'int8', shape: [1, 1, 256] }, grey, { mean: [128] }).data[0], -128);
  });

  it('normalises as NumPy in float32 does: (pixels / 255 − mean) / std', () => {
    const options = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
    const expected = [2.248908281326294, -2.1007792949676514, -2.0357141494750977, 0.20518219470977783, -1.6824400424957275, 1.6813944578170776];
    assert.deepEqual(read({ type: 'float32', shape: [1, 3, 1, 2] }, two, options), tensor('float32', [1, 3, 1, 2], expected));
    const [a, b, c, d, e, f] = expected as [number, number, number, number, number, number];
    assert.deepEqual(read({ type: 'float32', shape: [1, 1, 2, 3] }, two, { ...options, layout: 'nhwc' }), tensor('float32', [1, 1, 2, 3], [a, c, e, b, d, f]));
  });

  it('orders channels, and makes colours grey by Rec. 601', () => {
    const raw = { scale: 1 };
    assert.deepEqual([...read({ type: 'float32', shape: [3, 1, 2] }, two, { ...raw, color: 'bgr' }).data], [7, 200, 0, 128, 255, 1]);
    // 0.299 · 255 + 0.114 · 7 = 77.0; 0.299 + 0.587 · 128 + 0.114 · 200 = 98.2
    assert.deepEqual([...read({ type: 'float32', shape: [1, 1, 2] }, two, raw).data], [77, 98]);
  });

  it('reads JPEG', () => {
    const jpeg = new Uint8Array(encode({ width: 16, height: 8, data: Buffer.alloc(16 * 8 * 4, 200) }, 100).data);
    const levels = read({ type: 'float32', shape: [1, 3, 8, 16] }, jpeg, { scale: 1 }).data as Float32Array;
    assert.ok(levels.every((level) => Math.abs(level - 200) <= 2));
    throwsCode(() => read({ type: 'float32', shape: [1, 3, 16, 8] }, jpeg), 'INPUT_SHAPE');
    for (let length = 3; length < jpeg.length; length += 13) throwsCode(() => read({ type: 'float32', shape: [1, 3, 8, 16] }, jpeg.subarray(0, length)), 'INPUT_MALFORMED');
  });

  it('refuses what does not fit the input', () => {
    const rgb = { type: 'float32', shape: [1, 3, 1, 2] } as const;
    throwsCode(() => read({ type: 'float32', shape: [1, 3, 2, 2] }, two), 'INPUT_SHAPE');
    throwsCode(() => read({ type: 'float32', shape: [5] }, two), 'INPUT_SHAPE');
    throwsCode(() => read({ type: 'float32', shape: [2, 3, 1, 2] }, two), 'INPUT_SHAPE');
    throwsCode(() => read({ type: 'float32', shape: [1, 4, 1, 2] }, two), 'USAGE');
    throwsCode(() => read(rgb, two, { color: 'gray' }), 'USAGE');
    throwsCode(() => read(rgb, two, { mean: [1, 2] }), 'USAGE');
    throwsCode(() => read(rgb, two, { std: [0] }), 'USAGE');
    throwsCode(() => read({ type: 'int8', shape: [1, 3, 1, 2] }, two), 'INPUT_RANGE');
    throwsCode(() => read({ type: 'uint8', shape: [1, 3, 1, 2] }, two, { scale: 1 / 255 }), 'INPUT_TYPE');
    throwsCode(() => read(rgb, png(2, [[1, 2, 3], [4, 5, 6, 254]])), 'INPUT_RANGE');
  });

  it('refuses damaged files and sizes that no model asked for, before it unpacks them', () => {
    const rgb = { type: 'float32', shape: [1, 3, 1, 2] } as const;
    for (let length = 8; length < two.length - 12; length++) throwsCode(() => read(rgb, two.subarray(0, length)), 'INPUT_MALFORMED');
    throwsCode(() => read(rgb, Uint8Array.from([1, 2, 3])), 'INPUT_MALFORMED');
    const huge = two.slice();
    new DataView(huge.buffer).setUint32(16, 2 ** 31 - 1);
    throwsCode(() => read(rgb, huge), 'INPUT_SHAPE');
    throwsCode(() => read({ type: 'float32', shape: [1, 3, 1, 2 ** 31 - 1] }, huge), 'INPUT_MALFORMED');
    const changed = (at: number, value: number): Uint8Array => two.map((byte, index) => (index === at ? value : byte));
    throwsCode(() => read(rgb, changed(24, 16)), 'INPUT_MALFORMED');
    throwsCode(() => read(rgb, changed(28, 1)), 'INPUT_MALFORMED');
    throwsCode(() => read(rgb, changed(two.length - 20, 0xff)), 'INPUT_MALFORMED');
  });
});
