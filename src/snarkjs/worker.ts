/**
 * The only module that loads snarkjs, which is GPL-3.0. It is the code of a worker thread: nothing of ours links to it, and killing
 * the thread stops a computation that snarkjs itself cannot stop.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';

/**
 * snarkjs starts threads through the package web-worker, which takes any thread but the main one for a thread of its own making
 * and fails. It looks once, when it is loaded; so this thread passes for the main one while snarkjs is loaded.
 */
const threads = createRequire(import.meta.url)('node:worker_threads') as { isMainThread: boolean };
threads.isMainThread = true;
const snarkjs = await import('snarkjs');
threads.isMainThread = false;

// snarkjs prints findings on stdout, which belongs to our data.
console.log = () => undefined;
// It leaves files open when it fails; they are closed with this thread, and a warning would only puzzle.
process.removeAllListeners('warning');

export type SnarkjsSystem = 'groth16' | 'plonk' | 'fflonk';

export interface SnarkjsProveTask {
  /** Which system the key is of. */
  readonly system: SnarkjsSystem;
  readonly zkeyPath: string;
  /** The bytes of a `.wtns` file. */
  readonly witness: Uint8Array;
  /** Several threads of its own for one proof, or one for each of several proofs side by side. */
  readonly singleThread: boolean;
  /** Hears what snarkjs is doing. */
  readonly progress: MessagePort | undefined;
}

/** Where snarkjs keeps the curve of this thread. */
const curveCache = globalThis as { curve_bn128?: unknown };

export interface SnarkjsProof {
  readonly proof: unknown;
  readonly publicSignals: string[];
}

export async function prove({ system, zkeyPath, witness, singleThread, progress }: SnarkjsProveTask): Promise<SnarkjsProof> {
  const tell = (message: string): void => progress?.postMessage(message);
  const silent = (): void => undefined;
  try {
    // snarkjs would build a single-threaded curve anew for every proof, a quarter of a second; but it takes one that is there.
    if (singleThread) curveCache.curve_bn128 ??= await snarkjs.curves.getCurveFromName('bn128', { singleThread });
    return await snarkjs[system].prove(zkeyPath, { type: 'mem', data: witness }, { debug: tell, info: silent, warn: silent, error: silent });
  } finally {
    progress?.close();
  }
}

export interface SnarkjsNewKeyTask {
  readonly r1csPath: string;
  readonly ptauPath: string;
  readonly zkeyPath: string;
}

/** `snarkjs groth16 setup`. Rejects when a file cannot be read, or when the powers of tau are too few. */
export async function newKey({ r1csPath, ptauPath, zkeyPath }: SnarkjsNewKeyTask): Promise<void> {
  let said = '';
  const hear = (message: string): void => void (said = message);
  const ignore = (): void => undefined;
  // It returns -1 where it cannot go on, and says why.
  const made: unknown = await snarkjs.zKey.newZKey(r1csPath, ptauPath, zkeyPath, { debug: ignore, info: ignore, warn: ignore, error: hear });
  if (made === -1) throw new Error(said);
}

export interface SnarkjsUniversalKeyTask extends SnarkjsNewKeyTask {
  readonly system: Exclude<SnarkjsSystem, 'groth16'>;
}

/** `snarkjs plonk setup` or `fflonk setup`. Rejects when a file cannot be read, or when the powers of tau are too few. */
export async function universalKey({ system, r1csPath, ptauPath, zkeyPath }: SnarkjsUniversalKeyTask): Promise<void> {
  let said = '';
  const hear = (message: string): void => void (said = message);
  const ignore = (): void => undefined;
  const made: unknown = await snarkjs[system].setup(r1csPath, ptauPath, zkeyPath, { debug: ignore, info: ignore, warn: ignore, error: hear });
  if (made === -1) throw new Error(said);
}

export interface SnarkjsSolidityTask {
  /** In snarkjs's JSON form, checked. */
  readonly verificationKey: Readonly<Record<string, unknown>>;
}

/** The order r of the groups of BN254. */
const FIELD_PRIME = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** snarkjs's template for contracts, filled in. snarkjs itself does this from a proving key only, which a verifier need not have. */
export async function solidityVerifier({ verificationKey }: SnarkjsSolidityTask): Promise<string> {
  const require = createRequire(createRequire(import.meta.url).resolve('snarkjs'));
  const ejs = require('ejs') as { render(template: string, values: object): string };
  const folder = join(dirname(require.resolve('snarkjs')), '..', 'templates');
  const template = await readFile(join(folder, `verifier_${String(verificationKey['protocol'])}.sol.ejs`), 'utf8');
  return ejs.render(template, { ...verificationKey, ...powersOfRoots(verificationKey) });
}

/** FFLONK's template takes powers of the roots of unity as well. */
function powersOfRoots({ w3, w4, w8 }: Readonly<Record<string, unknown>>): Record<string, string> {
  if (w8 === undefined) return {};
  const power = (root: unknown, exponent: number): string => String(BigInt(root as string) ** BigInt(exponent) % FIELD_PRIME);
  return Object.fromEntries([['w3_2', power(w3, 2)], ['w4_2', power(w4, 2)], ['w4_3', power(w4, 3)], ...[1, 2, 3, 4, 5, 6, 7].map((exponent) => [`w8_${exponent}`, power(w8, exponent)])] as [string, string][]);
}
