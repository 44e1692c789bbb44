import { loadNativeEngine } from '../prove/native.js';
import { scriptEngine, type CeremonyEngine } from '../setup/index.js';

/** The native engine where it was built; else snarkjs and JavaScript, which take a thousandth of a second for each point. */
export function ceremonyEngine(): CeremonyEngine {
  const native = loadNativeEngine();
  if (native === undefined) return scriptEngine;
  return { scalePoints: native.scalePoints, sumOfMultiples: native.sumOfMultiples, initialKey: native.setupFromPtau };
}
