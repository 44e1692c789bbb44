/**
 * Keys and proofs of the native engine, checked by the engine's pairing, which takes a few milliseconds where JavaScript takes a
 * tenth of a second. What is independent of the prover: the pairing and the equation, which no prover computes, and the field
 * arithmetic, since the check runs with another instruction set's code (the portable one, unless the prover ran with that). The
 * verifiers of src/verify and of the contract share nothing with the engine, and the tests hold all three to the same verdicts.
 */
import { ZkonnxError } from '../errors/index.js';
import { BinFileReader } from '../r1cs/binFile.js';
import { readVerifierPoints, type VerifierPoints } from '../setup/verifierPoints.js';
import { ZKEY_FORMAT, parseLayout } from '../setup/zkeyFile.js';
import type { Groth16Proof } from '../verify/proof.js';
import type { ProofWithSignals } from './backend.js';
import type { InstructionSet, NativeEngine } from './native.js';
import type { KeyChecker } from './selfCheck.js';

/**
 * Checks for the native engine. Rows and header of a key are checked by the engine when it loads the key, the other points that
 * matter here by its verifier; the sizes of all sections, and that the second phase of the setup was not left out, here.
 */
export function nativeChecker(engine: NativeEngine): KeyChecker {
  const { isa, available } = engine.info();
  const other: InstructionSet = available.findLast((candidate) => candidate !== isa) ?? isa;
  return async (zkeyPath) => {
    const { wireCount, publicCount, points } = await readKey(zkeyPath);
    return {
      wireCount,
      publicCount,
      async verifies(proof: ProofWithSignals<Groth16Proof>) {
        const [valid] = await engine.verifyBatch({ verificationKey: points, proofs: [proof], isa: other });
        return valid === true;
      },
    };
  };
}

async function readKey(zkeyPath: string): Promise<{ wireCount: number; publicCount: number; points: VerifierPoints }> {
  const file = await BinFileReader.open(zkeyPath, ZKEY_FORMAT);
  try {
    const header = await parseLayout(file);
    const points = await readVerifierPoints(file, header);
    if (String(points.vk_gamma_2) === String(points.vk_delta_2)) {
      throw new ZkonnxError('ARTIFACT_MALFORMED', { message: 'the verification key has γ = δ: the second phase of its setup was left out, and anyone can forge proofs for it', file: zkeyPath });
    }
    return { wireCount: header.wireCount, publicCount: header.publicCount, points };
  } finally {
    await file.close();
  }
}
