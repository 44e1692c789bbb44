import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Command } from 'commander';
import { throwsCode } from '../onnx/testing/throws.js';
import { imageOf, imageOptions } from './imageOptions.js';
import { inputSources } from './parse.js';

function parsed(...words: string[]): ReturnType<typeof imageOf> {
  const command = imageOptions(new Command('test')).exitOverride();
  command.parse(words, { from: 'user' });
  return imageOf(command.opts());
}

it('reads the options of images', () => {
  assert.equal(parsed(), undefined);
  assert.deepEqual(parsed('--image-scale', '1/255', '--image-mean', '0.485, .456,4.06e-1', '--image-std', '-1', '--image-layout', 'nhwc', '--image-color', 'bgr'), {
    scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [-1], layout: 'nhwc', color: 'bgr',
  });
  for (const [option, value] of [['--image-scale', 'x'], ['--image-scale', '1/0'], ['--image-scale', '1/2/3'], ['--image-scale', '0x10'], ['--image-mean', '1,'], ['--image-std', ''], ['--image-layout', 'chw'], ['--image-color', 'rgba']] as const) {
    throwsCode(() => parsed(option, value), 'USAGE');
  }
});

it('gives them to every file', () => {
  const image = { scale: 1 };
  assert.deepEqual(inputSources(['a.png', 'b.png'], image), [{ files: [{ path: 'a.png', image }] }, { files: [{ path: 'b.png', image }] }]);
  assert.deepEqual(inputSources(['l=a.png', 'r=b.png'], image), [{ files: [{ path: 'a.png', name: 'l', image }, { path: 'b.png', name: 'r', image }] }]);
});
