/** The native engine: a Node addon written in C++ (native/), built when zkonnx is installed on a machine that has a compiler. */
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ZkonnxError, throwIfAborted, type ErrorCode } from '../errors/index.js';
import { bigintToBytes, bytesToBigint } from '../r1cs/words.js';
import type { Witness } from '../r1cs/witness.js';
import type { VerifierPoints } from '../setup/verifierPoints.js';
import type { Groth16Proof } from '../verify/proof.js';
import type { ProofWithSignals, ProveProgress, ProverBackend } from './backend.js';

/** Instruction sets the engine has code for, fastest first. */
export type InstructionSet = 'ifma' | 'adx' | 'portable';

export interface NativeInfo {
  /** The one in use: the fastest this processor has, or the one named in the environment variable ZKONNX_ISA. */
  readonly isa: InstructionSet;
  /** All that this processor can run, fastest first. */
  readonly available: readonly InstructionSet[];
  /** Threads used unless told otherwise. */
  readonly threads: number;
  /** Version of the interface between TypeScript and C++. */
  readonly version: number;
}

/** What all long operations take. */
export interface NativeOptions {
  /** Default: one for each processor. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called a few times a second with a fraction from 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Where the time of a proof went, in milliseconds. */
export interface NativeTimings {
  /** Sorting the wires by size. */
  readonly witness: number;
  /** Evaluating the rows of A and B. */
  readonly rows: number;
  /** Number-theoretic transforms. */
  readonly transform: number;
  /** The quotient's values and their digits. */
  readonly scalars: number;
  /** Multi-scalar multiplications. */
  readonly sums: number;
  /** Combining and blinding. */
  readonly finish: number;
}

/** A witness: the path of a `.wtns` file, its bytes, or small typed integers. */
export type NativeWitness = string | Uint8Array | Witness;

export interface NativeProveOptions extends NativeOptions {
  readonly witness: NativeWitness;
  /** Verify the proof before handing it out; about two milliseconds. Default false. */
  readonly selfCheck?: boolean | undefined;
}

export interface NativeProof extends ProofWithSignals<Groth16Proof> {
  readonly timings: NativeTimings;
}

/** A proving key that stays mapped, for many proofs. */
export interface NativeKey {
  readonly wireCount: number;
  readonly publicCount: number;
  readonly domainSize: number;
  readonly isa: InstructionSet;
  /** @throws CANCELLED, KEY_MISMATCH when the witness has another length, WITNESS_UNSATISFIED (with selfCheck), ARTIFACT_MALFORMED. */
  prove(options: NativeProveOptions): Promise<NativeProof>;
  /** Gives the mapping back once running proofs are done. */
  release(): void;
}

export interface NativeSetupOptions extends NativeOptions {
  readonly r1csPath: string;
  readonly zkeyPath: string;
  readonly isa?: InstructionSet | undefined;
}

export interface NativeVerifyOptions extends NativeOptions {
  readonly verificationKey: VerifierPoints;
  readonly proofs: readonly ProofWithSignals<Groth16Proof>[];
  /** Default: the one in use. */
  readonly isa?: InstructionSet | undefined;
}

/** The engine is a {@link ProverBackend} as well. */
export interface NativeEngine extends ProverBackend {
  info(): NativeInfo;
  loadKey(options: NativeOptions & { readonly zkeyPath: string; readonly isa?: InstructionSet | undefined }): Promise<NativeKey>;
  /** Development key: whoever runs this could forge proofs. */
  setupDev(options: NativeSetupOptions): Promise<void>;
  /** The file that `snarkjs groth16 setup` writes, byte for byte; it needs contributions before it is worth anything. */
  setupFromPtau(options: NativeSetupOptions & { readonly ptauPath: string }): Promise<void>;
  /** A powers-of-tau file prepared for phase 2 from a secret drawn here; for tests and benchmarks. */
  makeDevPtau(options: NativeOptions & { readonly power: number; readonly ptauPath: string }): Promise<void>;
  /** Whether each proof is valid. Checked together, with random weights; one by one only when that fails. */
  verifyBatch(options: NativeVerifyOptions): Promise<boolean[]>;
  /**
   * Points of G1 in the files' form, 64 bytes each, times one scalar below r, 32 bytes, which the engine wipes after use.
   * @throws ARTIFACT_MALFORMED when a point is not on the curve
   */
  scalePoints(options: NativeOptions & { readonly points: Uint8Array; readonly scalar: Uint8Array; readonly isa?: InstructionSet | undefined }): Promise<Uint8Array>;
  /** The sum of points times scalars below r, 32 bytes each, in the files' form. @throws ARTIFACT_MALFORMED when a point is not on the curve */
  sumOfMultiples(options: NativeOptions & { readonly points: Uint8Array; readonly scalars: Uint8Array; readonly isa?: InstructionSet | undefined }): Promise<Uint8Array>;
  /** One arithmetic primitive of one instruction set on 32-byte little-endian elements; for tests. */
  primitive(options: { readonly isa: InstructionSet; readonly op: string; readonly a: Uint8Array; readonly b: Uint8Array }): Uint8Array;
}

declare const job: unique symbol;
/** An operation under way, opaque. */
interface Job {
  readonly [job]: true;
}

/** What the addon exports. */
interface Addon {
  info(): NativeInfo;
  newJob(): Job;
  progress(job: Job): number;
  cancel(job: Job): void;
  loadKey(options: object): Promise<{ wires: number; publics: number; domain: number; isa: InstructionSet; handle: object }>;
  releaseKey(handle: object): void;
  prove(options: object): Promise<{ proof: Uint8Array; publicSignals: Uint8Array; timings: NativeTimings }>;
  setupDev(options: object): Promise<void>;
  setupFromPtau(options: object): Promise<void>;
  makeDevPtau(options: object): Promise<void>;
  verifyBatch(options: object): Promise<boolean[]>;
  scalePoints(options: object): Promise<Uint8Array>;
  sumOfMultiples(options: object): Promise<Uint8Array>;
  primitive(options: object): Uint8Array;
}

/** Codes of the C++ side and what they are here. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  CANCELLED: 'CANCELLED',
  BAD_ARGUMENT: 'USAGE',
  ISA_UNAVAILABLE: 'USAGE',
  KEY_RELEASED: 'USAGE',
  FILE_UNREADABLE: 'FILE_NOT_FOUND',
  FILE_UNWRITABLE: 'FILE_NOT_WRITTEN',
  FILE_FORMAT: 'ARTIFACT_MALFORMED',
  FILE_TRUNCATED: 'ARTIFACT_MALFORMED',
  FIELD_MISMATCH: 'ARTIFACT_MALFORMED',
  ZKEY_CORRUPT: 'ARTIFACT_MALFORMED',
  ZKEY_PROTOCOL: 'ARTIFACT_MALFORMED',
  R1CS_CORRUPT: 'ARTIFACT_MALFORMED',
  PTAU_CORRUPT: 'ARTIFACT_MALFORMED',
  PTAU_UNPREPARED: 'ARTIFACT_MALFORMED',
  PTAU_TOO_SMALL: 'USAGE',
  R1CS_TOO_LARGE: 'MODEL_TOO_LARGE',
  WITNESS_SIZE: 'KEY_MISMATCH',
  WITNESS_RANGE: 'ARTIFACT_MALFORMED',
  WITNESS_CONSTANT: 'WITNESS_UNSATISFIED',
  PROOF_INVALID: 'WITNESS_UNSATISFIED',
  VKEY_CORRUPT: 'ARTIFACT_MALFORMED',
};

interface NativeFailure {
  readonly code: string;
  readonly message: string;
  readonly expected?: string;
  readonly found?: string;
}

function isNativeFailure(error: unknown): error is NativeFailure {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

function translated(error: unknown): unknown {
  if (!isNativeFailure(error)) return error;
  return new ZkonnxError(CODES[error.code] ?? 'INTERNAL', { message: error.message, expected: error.expected, found: error.found, cause: error });
}

const PROGRESS_INTERVAL = 100;

/** Runs one operation of the addon with cancellation, progress and our errors. */
async function operate<T>(addon: Addon, { signal, onProgress }: NativeOptions, run: (job: Job) => Promise<T>): Promise<T> {
  throwIfAborted(signal);
  const running = addon.newJob();
  const onAbort = (): void => addon.cancel(running);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = onProgress && setInterval(() => onProgress(addon.progress(running)), PROGRESS_INTERVAL);
  try {
    const result = await run(running);
    onProgress?.(1);
    return result;
  } catch (error) {
    throw translated(error);
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

const ELEMENT = 32;

function decimals(bytes: Uint8Array): string[] {
  return Array.from({ length: bytes.length / ELEMENT }, (_, index) => bytesToBigint(bytes.subarray(index * ELEMENT, (index + 1) * ELEMENT)).toString());
}

function toProof(bytes: Uint8Array): Groth16Proof {
  const [ax, ay, bx0, bx1, by0, by1, cx, cy] = decimals(bytes) as [string, string, string, string, string, string, string, string];
  return { pi_a: [ax, ay, '1'], pi_b: [[bx0, bx1], [by0, by1], ['1', '0']], pi_c: [cx, cy, '1'], protocol: 'groth16', curve: 'bn128' };
}

/** Concatenated 32-byte words of decimal strings. @throws PROOF_MALFORMED for what is no number of 256 bits. */
function words(numbers: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(numbers.length * ELEMENT);
  numbers.forEach((number, index) => {
    const value = /^[0-9]{1,78}$/.test(number) ? BigInt(number) : undefined;
    if (value === undefined || value >> 256n !== 0n) throw new ZkonnxError('PROOF_MALFORMED', { message: 'a coordinate or public value is no number of 256 bits', found: number });
    bytes.set(bigintToBytes(value), index * ELEMENT);
  });
  return bytes;
}

/** x and y; the point at infinity, whose last coordinate is 0, is (0, 0). */
function affineG1([x, y, z]: readonly [string, string, string]): string[] {
  return z === '0' ? ['0', '0'] : [x, y];
}

function affineG2([x, y, z]: readonly [[string, string], [string, string], [string, string]]): string[] {
  return z[0] === '0' && z[1] === '0' ? ['0', '0', '0', '0'] : [...x, ...y];
}

/** The form in which the addon takes a witness. */
function nativeWitness(witness: NativeWitness): object | string {
  if (typeof witness === 'string' || witness instanceof Uint8Array) return witness;
  const wideValues = new Uint8Array(witness.wideValues.length * ELEMENT);
  witness.wideValues.forEach((value, index) => wideValues.set(bigintToBytes(value), index * ELEMENT));
  return { values: witness.values, wideWires: witness.wideWires, wideValues };
}

interface KeptKey {
  /** Path and state of the file. */
  readonly state: string;
  readonly key: Promise<NativeKey>;
  /** Proofs under way. */
  users: number;
}

async function fileState(path: string): Promise<string> {
  const { ino, size, mtimeMs } = await stat(path).catch((cause: unknown) => {
    throw new ZkonnxError('FILE_NOT_FOUND', { message: `${path} cannot be read`, file: path, cause });
  });
  return [path, ino, size, mtimeMs].join('\n');
}

function loaded(key: Promise<NativeKey>): Promise<boolean> {
  return key.then(
    () => true,
    () => false,
  );
}

function engineOf(addon: Addon): NativeEngine {
  const loadKey: NativeEngine['loadKey'] = async (options) => {
    const { zkeyPath, isa, threads } = options;
    const { wires, publics, domain, handle, isa: used } = await operate(addon, options, (job) => addon.loadKey({ job, zkeyPath, isa, threads }));
    return {
      wireCount: wires,
      publicCount: publics,
      domainSize: domain,
      isa: used,
      prove: async (proveOptions) => {
        const { witness, selfCheck = false, threads: proveThreads } = proveOptions;
        const { proof, publicSignals, timings } = await operate(addon, proveOptions, (job) =>
          addon.prove({ job, handle, witness: nativeWitness(witness), selfCheck, threads: proveThreads }),
        );
        return { proof: toProof(proof), publicSignals: decimals(publicSignals), timings };
      },
      release: () => addon.releaseKey(handle),
    };
  };

  // Keys of the prover interface: the last one used stays mapped, an earlier one until its last proof is done.
  let kept: KeptKey | undefined;
  const leave = (entry: KeptKey): void => {
    if (entry.users === 0 && entry !== kept) void entry.key.then((key) => key.release(), () => undefined);
  };
  const withKey = async <T>(zkeyPath: string, signal: AbortSignal | undefined, use: (key: NativeKey) => Promise<T>): Promise<T> => {
    const state = await fileState(zkeyPath);
    if (kept?.state !== state) {
      const before = kept;
      kept = { state, key: loadKey({ zkeyPath, signal }), users: 0 };
      if (before !== undefined) leave(before);
    }
    const entry = kept;
    entry.users += 1;
    try {
      return await use(await entry.key);
    } catch (error) {
      // A key that could not be loaded is not kept; nor does one caller's cancellation concern the next.
      if (kept === entry && !(await loaded(entry.key))) kept = undefined;
      throw error;
    } finally {
      entry.users -= 1;
      leave(entry);
    }
  };

  return {
    name: 'native',
    info: () => addon.info(),
    loadKey,
    setupDev: (options) => operate(addon, options, (job) => addon.setupDev({ job, r1csPath: options.r1csPath, zkeyPath: options.zkeyPath, isa: options.isa, threads: options.threads })),
    setupFromPtau: (options) =>
      operate(addon, options, (job) =>
        addon.setupFromPtau({ job, r1csPath: options.r1csPath, ptauPath: options.ptauPath, zkeyPath: options.zkeyPath, isa: options.isa, threads: options.threads }),
      ),
    makeDevPtau: (options) => operate(addon, options, (job) => addon.makeDevPtau({ job, power: options.power, ptauPath: options.ptauPath, threads: options.threads })),
    verifyBatch: (options) => {
      const { verificationKey: vk, proofs, isa, threads } = options;
      return operate(addon, options, (job) =>
        addon.verifyBatch({
          job,
          isa,
          threads,
          vk: words([...affineG1(vk.vk_alpha_1), ...affineG2(vk.vk_beta_2), ...affineG2(vk.vk_gamma_2), ...affineG2(vk.vk_delta_2), ...vk.IC.flatMap(affineG1)]),
          proofs: words(proofs.flatMap(({ proof }) => [...affineG1(proof.pi_a), ...affineG2(proof.pi_b), ...affineG1(proof.pi_c)])),
          publics: words(proofs.flatMap(({ publicSignals }) => publicSignals)),
        }),
      );
    },
    scalePoints: (options) => operate(addon, options, (job) => addon.scalePoints({ job, points: options.points, scalar: options.scalar, isa: options.isa, threads: options.threads })),
    sumOfMultiples: (options) => operate(addon, options, (job) => addon.sumOfMultiples({ job, points: options.points, scalars: options.scalars, isa: options.isa, threads: options.threads })),
    primitive: (options) => {
      try {
        return addon.primitive(options);
      } catch (error) {
        throw translated(error);
      }
    },
    prepare: (zkeyPath) => withKey(zkeyPath, undefined, async () => undefined),
    async prove({ zkeyPath, witness, signal, onProgress }) {
      const report = onProgress && ((fraction: number): void => onProgress({ phase: phaseAt(fraction), fraction } satisfies ProveProgress));
      return withKey(zkeyPath, signal, async (key) => {
        const { proof, publicSignals } = await key.prove({ witness, signal, onProgress: report });
        return { proof, publicSignals };
      });
    },
    async close() {
      const last = kept;
      kept = undefined;
      if (last !== undefined) leave(last);
      await last?.key.catch(() => undefined);
    },
  };
}

function phaseAt(fraction: number): string {
  if (fraction < 0.06) return 'evaluating rows';
  if (fraction < 0.26) return 'dividing by the vanishing polynomial';
  return fraction < 1 ? 'multiplying' : 'done';
}

const INTERFACE_VERSION = 1;

/** The addon lies in native/build of the package, seen from src/prove as well as from dist/src/prove. */
const PLACES = ['../../native/build/zkonnx_native.node', '../../../native/build/zkonnx_native.node'];

let engine: NativeEngine | null | undefined;

/** The native engine, or undefined when this installation has none (no compiler, a failed build, another version). */
export function loadNativeEngine(): NativeEngine | undefined {
  engine ??= findEngine() ?? null;
  return engine ?? undefined;
}

function findEngine(): NativeEngine | undefined {
  const require = createRequire(import.meta.url);
  // Another build of the addon, for instance one with sanitizers.
  const other = process.env['ZKONNX_NATIVE_ADDON'];
  const files = other === undefined ? PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))) : [other];
  for (const file of files) {
    let addon: Addon;
    try {
      addon = require(file) as Addon;
    } catch {
      continue; // not built, or built for another machine
    }
    if (addon.info().version === INTERFACE_VERSION) return engineOf(addon);
  }
  return undefined;
}
