/** Readers of keys and proofs of PLONK and FFLONK. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { selectBackend, type ProofWithSignals } from '../../src/prove/index.js';
import { writeR1csFile } from '../../src/r1cs/r1csFile.js';
import { makeUniversalKey, readUniversalKey, type UniversalVerificationKey } from '../../src/setup/index.js';
import { verifyProof, type AnyProof } from '../../src/verify/index.js';
import { randomSystem } from '../support/randomSystem.js';
import { POWERS_OF_TAU } from '../support/snarkjs.js';
import { folder, json, type HostileReader } from './hostileFolder.js';

interface Made extends ProofWithSignals {
  readonly zkey: Uint8Array;
  readonly verificationKey: UniversalVerificationKey;
}

/** A key of each system and a proof with it, made once. */
let made: Promise<readonly Made[]> | undefined;
function keysAndProofs(): Promise<readonly Made[]> {
  return (made ??= Promise.all((['plonk', 'fflonk'] as const).map(async (system) => {
    const { r1cs, witness } = randomSystem({ seed: 3, rows: 2 });
    const [r1csPath, zkeyPath] = [join(folder, `${system}.r1cs`), join(folder, `${system}.zkey`)];
    await writeR1csFile({ r1cs, path: r1csPath });
    await makeUniversalKey({ system, r1csPath, ptauPath: POWERS_OF_TAU, zkeyPath });
    const backend = await selectBackend({ system });
    try {
      const { verificationKey } = await readUniversalKey(zkeyPath);
      return { zkey: readFileSync(zkeyPath), verificationKey, ...(await backend.prove({ zkeyPath, witness })) };
    } finally {
      await backend.close();
    }
  })));
}

/** What is no JSON gets no further. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

export const UNIVERSAL_READERS: Readonly<Record<string, HostileReader>> = {
  'plonk and fflonk: keys': { seeds: async () => (await keysAndProofs()).map(({ zkey }) => zkey), read: async (bytes) => void (await readUniversalKey(bytes)), executions: 20_000 },
  'plonk and fflonk: verification keys': {
    seeds: async () => (await keysAndProofs()).map(({ verificationKey }) => json(verificationKey)),
    read: async (bytes) => {
      const verificationKey = parsed(bytes) as UniversalVerificationKey | undefined;
      const [plonk, fflonk] = await keysAndProofs();
      const { proof, publicSignals } = (verificationKey?.protocol === 'plonk' ? plonk : fflonk) as Made;
      verifyProof({ verificationKey: verificationKey as UniversalVerificationKey, proof, publicSignals });
    },
    executions: 5_000,
  },
  'plonk and fflonk: proofs': {
    seeds: async () => (await keysAndProofs()).map(({ proof }) => json(proof)),
    read: async (bytes) => {
      const proof = parsed(bytes) as AnyProof | undefined;
      const [plonk, fflonk] = await keysAndProofs();
      const { verificationKey, publicSignals } = (proof?.protocol === 'plonk' ? plonk : fflonk) as Made;
      verifyProof({ verificationKey, proof: proof as AnyProof, publicSignals });
    },
    executions: 5_000,
  },
};
