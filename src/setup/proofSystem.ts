/** The proof systems that keys are of. */
import { ZkonnxError } from '../errors/index.js';

/** `plonk` and `fflonk` need no ceremony of each circuit: universal powers of tau are all the setup that they have. */
export const PROOF_SYSTEMS = ['groth16', 'plonk', 'fflonk'] as const;
export type ProofSystem = (typeof PROOF_SYSTEMS)[number];

/** The systems whose setup is universal. */
export type UniversalSystem = Exclude<ProofSystem, 'groth16'>;

/** How people write them. */
export const SYSTEM_NAMES: Readonly<Record<ProofSystem, string>> = { groth16: 'Groth16', plonk: 'PLONK', fflonk: 'FFLONK' };

/** The numbers by which `.zkey` files name them. */
export const PROTOCOL_NUMBERS: Readonly<Record<ProofSystem, number>> = { groth16: 1, plonk: 2, fflonk: 10 };

/** The error for what only keys of Groth16 have: a second phase, contributions, a native prover. */
export function onlyGroth16(file: string, system: UniversalSystem, message: string, fix: string): ZkonnxError {
  const name = SYSTEM_NAMES[system];
  return new ZkonnxError('PROOF_SYSTEM', { message: `${file} is a key of ${name}: ${message}`, file, expected: 'a key of Groth16', found: `a key of ${name}`, fix });
}
