/** A folder for broken files, and the good ones that they are made of. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { proveInputs } from '../../src/workflow/proveInputs.js';
import { setupModel } from '../../src/workflow/setupModel.js';

export interface HostileReader {
  readonly seeds: () => Promise<readonly Uint8Array[]> | readonly Uint8Array[];
  /** Reads one file. Its errors must be ours. */
  readonly read: (bytes: Uint8Array) => Promise<void> | void;
  /** How many changed files the whole laboratory reads. */
  readonly executions: number;
}

/** In memory where the machine has such a place: a million files are written. */
const MEMORY = '/dev/shm';
export const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'zkonnx-hostile-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** For readers that take paths. */
export function throughFile(name: string, read: (path: string) => Promise<unknown> | unknown): (bytes: Uint8Array) => Promise<void> {
  const path = join(folder, name);
  return async (bytes) => {
    writeFileSync(path, bytes);
    await read(path);
  };
}

export const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A NumPy array of version 1. */
export function npy(descr: string, shape: string, data: Uint8Array): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117) + '\n';
  return Uint8Array.from([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, header.length, 0, ...new TextEncoder().encode(header), ...data]);
}

/** The files of the smallest example, all public and all hashed, compiled, set up and proven once. */
let prepared: Promise<string> | undefined;
export async function preparedFile(...names: readonly string[]): Promise<Uint8Array[]> {
  prepared ??= (async () => {
    const model = 'examples/digits/mlp.int8.qoperator.onnx';
    for (const [name, side, weights] of [['public', 'public', 'fixed'], ['hashed', 'hashed', 'hashed']] as const) {
      const files = join(folder, name);
      await setupModel({ model, folder: files, key: 'development', threads: 1, visibility: { inputs: side, outputs: side, weights } });
      await proveInputs({ model, folder: files, inputs: ['examples/digits/inputs/digit-000.json'], threads: 1 });
    }
    return folder;
  })();
  const where = await prepared;
  return names.map((name) => readFileSync(join(where, name)));
}
