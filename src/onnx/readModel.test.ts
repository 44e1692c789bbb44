import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { encodeModel } from './encode.js';
import { decodeModelProto, encodeModelProto } from './proto.js';
import { readModel } from './readModel.js';
import { GraphBuilder } from './testing/graphBuilder.js';
import { throwsCode } from './testing/throws.js';

const folder = mkdtempSync(join(tmpdir(), 'zkonnx-read-'));
after(() => { rmSync(folder, { recursive: true }); });

const inside = join(folder, 'model');
mkdirSync(inside);
writeFileSync(join(folder, 'outside.bin'), Float32Array.of(9, 9, 9));
writeFileSync(join(inside, 'w.bin'), Float32Array.of(0, 1, 2, 3));
symlinkSync(join(folder, 'outside.bin'), join(inside, 'link.bin'));
symlinkSync(folder, join(inside, 'up'));
symlinkSync('w.bin', join(inside, 'harmless.bin'));
mkdirSync(join(inside, 'directory'));

let models = 0;
/** A model whose weight of three float32 is in another file. */
function modelWith(entries: Record<string, string>): string {
  const graph = new GraphBuilder().input('x', 'float32', [3]).constant('w', 'float32', [3], [1, 2, 3]).node('Add', ['x', 'w'], 'y').output('y', 'float32', [3]).build();
  const proto = decodeModelProto(encodeModel(graph));
  Object.assign(proto.graph?.initializer?.[0] ?? {}, { rawData: new Uint8Array(0), dataLocation: 1, externalData: Object.entries(entries).map(([key, value]) => ({ key, value })) });
  const path = join(inside, `model-${models++}.onnx`);
  writeFileSync(path, encodeModelProto(proto));
  return path;
}

describe('readModel', () => {
  it('reads external data at its offset', () => {
    const { graph, externalFiles } = readModel(modelWith({ location: 'w.bin', offset: '4', length: '12' }));
    assert.deepEqual(graph.initializers.get('w')?.data, Float32Array.of(1, 2, 3));
    assert.deepEqual(externalFiles, ['w.bin']);
    assert.deepEqual(readModel(modelWith({ location: 'harmless.bin' })).graph.initializers.get('w')?.data, Float32Array.of(0, 1, 2));
  });

  it('refuses everything that leaves the folder', () => {
    for (const location of ['../outside.bin', join(folder, 'outside.bin'), 'link.bin', 'up/outside.bin', 'directory/../../outside.bin', 'C:\\w.bin', '..\\outside.bin', 'w\0.bin']) {
      throwsCode(() => readModel(modelWith({ location })), 'MODEL_EXTERNAL_DATA');
    }
  });

  it('refuses missing files, folders, pipes, and data that is too short or of the wrong length', () => {
    execFileSync('mkfifo', [join(inside, 'pipe')]);
    for (const entries of [
      { location: 'none.bin' }, { location: 'directory' }, { location: 'pipe' }, { location: '.' }, {},
      { location: 'w.bin', offset: '8' }, { location: 'w.bin', length: '8' }, { location: 'w.bin', offset: '-4' }, { location: 'w.bin', offset: '1e3' },
      { location: 'w.bin', offset: '999999999999999' },
    ]) throwsCode(() => readModel(modelWith(entries as Record<string, string>)), 'MODEL_EXTERNAL_DATA');
  });

  it('hashes the bytes of the file, and of the external data', () => {
    const path = join(inside, 'plain.onnx');
    const bytes = encodeModel(new GraphBuilder().input('x', 'float32', [1]).node('Relu', ['x'], 'y').output('y', 'float32', [1]).build());
    writeFileSync(path, bytes);
    const sha = (...parts: (Uint8Array | string)[]): Buffer => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
    assert.equal(readModel(path).hash, sha(bytes).toString('hex'));

    const external = readModel(modelWith({ location: 'w.bin' }));
    const expected = sha(sha(external.bytes), sha('w.bin'), sha(new Uint8Array(Float32Array.of(0, 1, 2, 3).buffer)));
    assert.equal(external.hash, expected.toString('hex'));
  });

  it('says when there is no such file', () => { throwsCode(() => readModel(join(folder, 'none.onnx')), 'FILE_NOT_FOUND'); });
});
