import { stat } from 'node:fs/promises';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import { modulo } from '../r1cs/field.js';
import type { Witness } from '../r1cs/witness.js';
import { checkZkey, verificationKeyFromZkey, type VerificationKey, type ZkeyHeader } from '../setup/index.js';
import { verifyProof } from '../verify/verifyProof.js';
import type { ProverBackend } from './backend.js';

interface CheckedKey {
  readonly header: ZkeyHeader;
  readonly verificationKey: VerificationKey;
}

/**
 * Wraps a backend so that it only sees well-formed keys and witnesses of the right length, and only yields proofs that verify and
 * whose public signals are the witness's.
 *
 * `prove` throws, beyond what the backend does: FILE_NOT_FOUND, ARTIFACT_MALFORMED, KEY_MISMATCH when the witness belongs to
 * another system, WITNESS_UNSATISFIED when the proof does not verify.
 */
export function selfChecking(backend: ProverBackend): ProverBackend {
  const keys = new Map<string, Promise<CheckedKey>>();
  return {
    name: backend.name,
    async prove(parameters) {
      const { zkeyPath, witness, signal } = parameters;
      throwIfAborted(signal);
      const { header, verificationKey } = await checkedKey(keys, zkeyPath);
      if (witness.values.length !== header.wireCount) {
        throw new ZkonnxError('KEY_MISMATCH', {
          message: 'the witness belongs to another system than the key',
          file: zkeyPath,
          expected: `${header.wireCount} wires`,
          found: `${witness.values.length} wires`,
        });
      }
      const result = await backend.prove(parameters);
      throwIfAborted(signal);
      const expected = publicSignals(witness, header.publicCount);
      if (expected.some((value, index) => value !== result.publicSignals[index]) || !verifyProof({ verificationKey, ...result })) {
        throw new ZkonnxError('WITNESS_UNSATISFIED', {
          message: `the proof that ${backend.name} made does not verify: the witness does not satisfy the constraints of the key`,
          file: zkeyPath,
        });
      }
      return result;
    },
    close: () => backend.close(),
  };
}

/** The key, checked once for each state of its file. */
async function checkedKey(keys: Map<string, Promise<CheckedKey>>, zkeyPath: string): Promise<CheckedKey> {
  const status = await stat(zkeyPath).catch((cause: unknown) => {
    throw new ZkonnxError('FILE_NOT_FOUND', { message: `${zkeyPath} cannot be read`, file: zkeyPath, cause });
  });
  const state = [zkeyPath, status.ino, status.size, status.mtimeMs].join('\n');
  let key = keys.get(state);
  if (key === undefined) {
    key = Promise.all([checkZkey(zkeyPath), verificationKeyFromZkey(zkeyPath)]).then(([header, verificationKey]) => ({ header, verificationKey }));
    keys.set(state, key);
  }
  return key;
}

/** The first wires after the constant, in decimal. */
function publicSignals({ values, wideWires, wideValues }: Witness, count: number): string[] {
  const signals = Array.from(values.subarray(1, count + 1), (value) => modulo(BigInt(value)));
  for (let index = 0; index < wideWires.length && (wideWires[index] as number) <= count; index++) {
    signals[(wideWires[index] as number) - 1] = wideValues[index] as bigint;
  }
  return signals.map(String);
}
