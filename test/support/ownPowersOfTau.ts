/** Powers of tau of our own making, prepared for phase 2: nobody else's secret, so for tests alone. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadNativeEngine } from '../../src/prove/native.js';
import { smallPowersOfTau, terminateSnarkjs } from './snarkjs.js';

/** Writes a file for systems of up to 2^power rows, by the native engine where there is one, else by snarkjs, whose threads are ended. */
export async function ownPowersOfTau(power: number, ptauPath: string): Promise<void> {
  const native = loadNativeEngine();
  if (native !== undefined) {
    await native.makeDevPtau({ power, ptauPath });
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'zkonnx-ptau-'));
  try {
    await copyFile(await smallPowersOfTau(power, folder), ptauPath);
    await terminateSnarkjs();
  } finally {
    await rm(folder, { recursive: true });
  }
}
