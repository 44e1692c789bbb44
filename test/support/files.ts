import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from './seeded.js';

/** Runs a test in a folder of its own, which is removed afterwards. */
export async function inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'zkonnx-test-'));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Damaged versions of a file: empty, cut at every tenth, one byte more, and random bytes of its length. */
export function damaged(bytes: Uint8Array): { readonly name: string; readonly bytes: Uint8Array }[] {
  const random = seeded(bytes.length);
  const noise = Uint8Array.from({ length: bytes.length }, () => Math.floor(random() * 256));
  const noiseAfterMagic = Uint8Array.from(noise);
  noiseAfterMagic.set(bytes.subarray(0, 12));
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  return [
    { name: 'empty', bytes: new Uint8Array(0) },
    ...Array.from({ length: 9 }, (_, index) => ({ name: `cut at ${index + 1} tenths`, bytes: bytes.slice(0, Math.floor((bytes.length * (index + 1)) / 10)) })),
    { name: 'without its last byte', bytes: bytes.slice(0, -1) },
    { name: 'with a byte more', bytes: longer },
    { name: 'random bytes', bytes: noise },
    { name: 'random bytes after the head', bytes: noiseAfterMagic },
  ];
}

/** Versions of a file with one byte changed, `count` of them, spread over the file. */
export function flipped(bytes: Uint8Array, count: number): Uint8Array[] {
  const random = seeded(count);
  return Array.from({ length: count }, (_, index) => {
    const changed = Uint8Array.from(bytes);
    const position = Math.floor(((index + random()) * bytes.length) / count);
    changed[position] = (bytes[position] as number) ^ (1 + Math.floor(random() * 255));
    return changed;
  });
}
