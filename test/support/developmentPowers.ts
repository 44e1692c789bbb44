import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { loadNativeEngine } from '../../src/prove/native.js';
import { smallPowersOfTau } from './snarkjs.js';

/** Powers of tau of our own making, without contributions where the native engine makes them, in a new folder within `folder`. */
export async function developmentPowers(power: number, folder: string): Promise<string> {
  const own = await mkdtemp(join(folder, 'ptau-'));
  const native = loadNativeEngine();
  if (native === undefined) return smallPowersOfTau(power, own);
  await native.makeDevPtau({ power, ptauPath: join(own, 'own.ptau') });
  return join(own, 'own.ptau');
}
