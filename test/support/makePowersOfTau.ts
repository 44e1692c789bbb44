/**
 * Makes the powers-of-tau file of the tests: `node dist/test/support/makePowersOfTau.js`, by snarkjs, from randomness that is thrown away.
 * For systems of up to 2^7 rows; one contribution, a beacon, prepared for phase 2.
 */
import { randomBytes } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { POWERS_OF_TAU, POWERS_OF_TAU_POWER, snarkjs, terminateSnarkjs } from './snarkjs.js';
import { inFolder } from './files.js';

await inFolder(async (folder) => {
  const curve = await snarkjs.curves.getCurveFromName('bn128');
  const path = (name: string): string => `${folder}/${name}.ptau`;
  await snarkjs.powersOfTau.newAccumulator(curve, POWERS_OF_TAU_POWER, path('empty'));
  await snarkjs.powersOfTau.contribute(path('empty'), path('contributed'), 'zkonnx tests', randomBytes(64).toString('hex'));
  await snarkjs.powersOfTau.beacon(path('contributed'), path('beacon'), 'beacon', randomBytes(32).toString('hex'), 10);
  await snarkjs.powersOfTau.preparePhase2(path('beacon'), `${POWERS_OF_TAU}.new`);
  if (!(await snarkjs.powersOfTau.verify(`${POWERS_OF_TAU}.new`))) throw new Error('snarkjs does not accept the file it made');
  await rename(`${POWERS_OF_TAU}.new`, POWERS_OF_TAU);
});
await terminateSnarkjs();
