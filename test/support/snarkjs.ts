/** snarkjs for cross-checks. Its threads keep the process alive: a test file that uses it ends with {@link terminateSnarkjs}. */
import { fileURLToPath } from 'node:url';
import * as snarkjs from 'snarkjs';

export { snarkjs };

export async function terminateSnarkjs(): Promise<void> {
  const { curve_bn128: curve } = globalThis as { curve_bn128?: { terminate(): Promise<void> } | null };
  await curve?.terminate();
}

const ignore = (): void => undefined;

/** Where snarkjs says what it has found; it needs one to say no. */
export const silentLogger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** A powers-of-tau file for systems of up to 2^7 rows, prepared for phase 2; `makePowersOfTau.ts` made it. */
export const POWERS_OF_TAU_POWER = 7;
export const POWERS_OF_TAU = fileURLToPath(new URL('../../../test/fixtures/powersOfTau7.ptau', import.meta.url));

/** Makes a small powers-of-tau file, prepared for phase 2, for systems of up to 2^power rows; pot0.ptau beside it has no contribution. */
export async function smallPowersOfTau(power: number, folder: string): Promise<string> {
  const curve = await snarkjs.curves.getCurveFromName('bn128');
  const [empty, contributed, prepared] = ['pot0.ptau', 'pot1.ptau', 'pot.ptau'].map((name) => `${folder}/${name}`) as [string, string, string];
  await snarkjs.powersOfTau.newAccumulator(curve, power, empty);
  await snarkjs.powersOfTau.contribute(empty, contributed, 'test', 'entropy of a test');
  await snarkjs.powersOfTau.preparePhase2(contributed, prepared);
  return prepared;
}
