import { stat } from 'node:fs/promises';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import { modulo } from '../r1cs/field.js';
import type { Witness } from '../r1cs/witness.js';
import type { ProofWithSignals, ProverBackend } from './backend.js';

/** A key that has been checked. */
export interface CheckedKey {
  readonly wireCount: number;
  /** Public signals, without the constant. */
  readonly publicCount: number;
  /** Whether a proof verifies against the key. */
  verifies(proof: ProofWithSignals): Promise<boolean>;
}

/** Looks at keys and proofs on behalf of a prover, with other arithmetic than the prover's. @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED */
export type KeyChecker = (zkeyPath: string) => Promise<CheckedKey>;

/**
 * Wraps a backend so that it only sees well-formed keys and witnesses of the right length, and only yields proofs that verify and
 * whose public signals are the witness's.
 *
 * `prove` throws, beyond what the backend does: FILE_NOT_FOUND, ARTIFACT_MALFORMED, KEY_MISMATCH when the witness belongs to
 * another system, WITNESS_UNSATISFIED when the proof does not verify.
 */
export function selfChecking(backend: ProverBackend, checkKey: KeyChecker): ProverBackend {
  const keys = new Map<string, Promise<CheckedKey>>();
  return {
    name: backend.name,
    async prepare(zkeyPath) {
      await Promise.all([checkedKey(keys, zkeyPath, checkKey), backend.prepare?.(zkeyPath)]);
    },
    async prove(parameters) {
      const { zkeyPath, witness, signal } = parameters;
      throwIfAborted(signal);
      const key = await checkedKey(keys, zkeyPath, checkKey);
      if (witness.values.length !== key.wireCount) {
        throw new ZkonnxError('KEY_MISMATCH', {
          message: 'the witness belongs to another system than the key',
          file: zkeyPath,
          expected: `${key.wireCount} wires`,
          found: `${witness.values.length} wires`,
        });
      }
      const result = await backend.prove(parameters);
      throwIfAborted(signal);
      if (!sameSignals(publicSignals(witness, key.publicCount), result.publicSignals) || !(await key.verifies(result))) {
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
async function checkedKey(keys: Map<string, Promise<CheckedKey>>, zkeyPath: string, checkKey: KeyChecker): Promise<CheckedKey> {
  const status = await stat(zkeyPath).catch((cause: unknown) => {
    throw new ZkonnxError('FILE_NOT_FOUND', { message: `${zkeyPath} cannot be read`, file: zkeyPath, cause });
  });
  const state = [zkeyPath, status.ino, status.size, status.mtimeMs].join('\n');
  let key = keys.get(state);
  if (key === undefined) {
    key = checkKey(zkeyPath);
    keys.set(state, key);
  }
  return key;
}

function sameSignals(expected: readonly string[], found: readonly string[]): boolean {
  return expected.length === found.length && expected.every((value, index) => value === found[index]);
}

/** The first wires after the constant, in decimal. */
function publicSignals({ values, wideWires, wideValues }: Witness, count: number): string[] {
  const signals = Array.from(values.subarray(1, count + 1), (value) => modulo(BigInt(value)));
  for (let index = 0; index < wideWires.length && (wideWires[index] as number) <= count; index++) {
    signals[(wideWires[index] as number) - 1] = wideValues[index] as bigint;
  }
  return signals.map(String);
}
