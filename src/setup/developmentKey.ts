/**
 * Development keys: Groth16 proving keys made in one go from local randomness, without a powers-of-tau file. (Groth, EUROCRYPT
 * 2016, with γ = 1 as in Bowe, Gabizon and Miers, 2017, and the files of snarkjs.)
 *
 * Whoever runs this could keep τ, α, β and δ and forge proofs with them, and nobody else can tell whether they did. The values
 * are not written anywhere, and the arrays that held multiples of them are overwritten; but JavaScript integers cannot be wiped,
 * so that traces may stay in the memory of the process until it ends. Never use such a key for anything of value.
 */
import { createHash, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { ZkonnxError, isZkonnxError, throwIfAborted } from '../errors/index.js';
import { writeBinFile } from '../r1cs/binFile.js';
import { FIELD_PRIME as R, inverse } from '../r1cs/field.js';
import type { R1cs } from '../r1cs/r1cs.js';
import { r1csDigest, readR1csFile } from '../r1cs/r1csFile.js';
import { bigintToBytes, storeBigint } from '../r1cs/words.js';
import { BASE_PRIME, G1_BYTES, G2_BYTES } from './baseField.js';
import { LARGEST_DOMAIN_POWER, domainPower, lagrangeAt, rootOfUnity, vanishingAt } from './domain.js';
import { bestWindow, type Group } from './fixedBase.js';
import type { FixedBaseTask } from './fixedBaseWorker.js';
import { evaluateQap } from './qap.js';
import { coefficientChunks } from './zkey.js';
import { GROTH16_PROTOCOL, ZKEY, ZKEY_FORMAT } from './zkeyFile.js';

/** How far key generation has come: points of the key that are done. */
export interface SetupProgress {
  readonly done: number;
  readonly total: number;
}

export interface DevelopmentKeyParameters {
  /** The system, or the path of its `.r1cs` file. */
  readonly r1cs: R1cs | string;
  /** Where the `.zkey` goes. */
  readonly zkeyPath: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SetupProgress) => void) | undefined;
  /** Worker threads; default: as many as the machine has processors. */
  readonly threads?: number | undefined;
}

export interface DevelopmentKey {
  readonly zkeyPath: string;
  readonly wireCount: number;
  readonly publicCount: number;
  readonly domainSize: number;
}

/**
 * Makes a development key and writes it as a `.zkey` that snarkjs proves with. In place of the circuit hash that a ceremony
 * would record, it holds {@link developmentCircuitHash}.
 *
 * @throws USAGE when the system is not over the scalar field of BN254, MODEL_TOO_LARGE beyond 2^27 rows, CANCELLED,
 * FILE_NOT_WRITTEN, and for a path FILE_NOT_FOUND and ARTIFACT_MALFORMED.
 */
export async function developmentKey({ r1cs: source, zkeyPath, signal, onProgress, threads = availableParallelism() }: DevelopmentKeyParameters): Promise<DevelopmentKey> {
  throwIfAborted(signal);
  const r1cs = typeof source === 'string' ? await readR1csFile(source) : source;
  if (r1cs.prime !== R) throw new ZkonnxError('USAGE', { message: 'keys exist for systems over the scalar field of BN254 only' });
  const publicCount = r1cs.publicOutputCount + r1cs.publicInputCount;
  const power = domainPower(r1cs.rowCount, publicCount);
  if (power > LARGEST_DOMAIN_POWER) {
    throw new ZkonnxError('MODEL_TOO_LARGE', { expected: `at most 2^${LARGEST_DOMAIN_POWER} rows`, found: `${r1cs.rowCount} rows` });
  }
  const scalars = keyScalars(r1cs, power);
  throwIfAborted(signal);
  const pool = new Piscina({
    filename: new URL('./fixedBaseWorker.js', import.meta.url).href,
    name: 'multiples',
    minThreads: 1,
    maxThreads: threads,
    // Threads keep their tables until the pool is destroyed.
    idleTimeout: Infinity,
  });
  // Ends the threads at once, and with them all tasks, running or not.
  const stop = (): void => void pool.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const points = scheduleMultiples({ pool, scalars, threads, onProgress });
    await writeKey({ r1cs, zkeyPath, points, power, signal });
  } catch (error) {
    throw signal?.aborted && !isZkonnxError(error) ? new ZkonnxError('CANCELLED', { cause: error }) : error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await pool.destroy();
  }
  return { zkeyPath, wireCount: r1cs.wireCount, publicCount, domainSize: 2 ** power };
}

/** What a development key records as its circuit hash: a digest that ties it to the rows of its system, C included. */
export function developmentCircuitHash(r1cs: R1cs): Uint8Array {
  return new Uint8Array(createHash('blake2b512').update('zkonnx development key 1\n').update(r1csDigest(r1cs)).digest());
}

/** The discrete logarithms of all points of a key. */
interface KeyScalars {
  /** α, β, δ. */
  readonly header1: readonly bigint[];
  /** β, γ, δ. */
  readonly header2: readonly bigint[];
  readonly ic: readonly bigint[];
  readonly c: readonly bigint[];
  readonly a: readonly bigint[];
  readonly b: readonly bigint[];
  readonly h: readonly bigint[];
}

function keyScalars(r1cs: R1cs, power: number): KeyScalars {
  const alpha = randomScalar();
  const beta = randomScalar();
  const delta = randomScalar();
  let tau = randomScalar();
  while (vanishingAt(tau, power + 1) === 0n) tau = randomScalar();
  const publicCount = r1cs.publicOutputCount + r1cs.publicInputCount;
  const { a, b, c } = evaluateQap(r1cs, lagrangeAt({ tau, power }));
  const overDelta = inverse(delta);
  const sums = a.map((value, wire) => (beta * value + alpha * (b[wire] as bigint) + (c[wire] as bigint)) % R);
  return {
    header1: [alpha, beta, delta],
    header2: [beta, 1n, delta],
    ic: sums.slice(0, publicCount + 1),
    c: sums.slice(publicCount + 1).map((value) => (value * overDelta) % R),
    a,
    b,
    h: quotientScalars({ tau, power, overDelta }),
  };
}

/**
 * L'_i(τ)/δ for the odd Lagrange polynomials L'_{2i+1} of the domain of twice the size. The quotient's product with the
 * vanishing polynomial has degree < 2n and is zero on the domain itself, hence is the sum of its values at the odd points times
 * these. On the coset s·⟨ω⟩ of the odd points, s^n = −1, the polynomial of twice the size is the one of the coset times
 * (X^n − 1)/(s^n − 1), as it must also vanish on the domain.
 */
function quotientScalars({ tau, power, overDelta }: { readonly tau: bigint; readonly power: number; readonly overDelta: bigint }): bigint[] {
  const factor = (((vanishingAt(tau, power) * inverse(R - 2n)) % R) * overDelta) % R;
  return lagrangeAt({ tau, power, shift: rootOfUnity(power + 1) }).map((value) => (value * factor) % R);
}

/** Uniform in [1, r), up to 2^-130. */
function randomScalar(): bigint {
  return (BigInt(`0x${randomBytes(48).toString('hex')}`) % (R - 1n)) + 1n;
}

/** A part of a section, being computed. */
type Multiples = readonly Promise<Uint8Array>[];
type KeyPoints = { readonly [section in keyof Omit<KeyScalars, 'b'>]: Multiples } & { readonly b1: Multiples; readonly b2: Multiples };

/** Points of one task: enough to share the inversions, few enough to keep all threads busy to the end. */
const TASK_POINTS = 2048;

interface Schedule {
  readonly pool: Piscina;
  readonly scalars: KeyScalars;
  readonly threads: number;
  readonly onProgress: ((progress: SetupProgress) => void) | undefined;
}

function scheduleMultiples({ pool, scalars, threads, onProgress }: Schedule): KeyPoints {
  const { header1, header2, ic, c, a, b, h } = scalars;
  const total = [header1, header2, ic, c, a, b, b, h].reduce((sum, list) => sum + list.length, 0);
  const nonZero = (list: readonly bigint[]) => list.reduce((sum, value) => sum + (value === 0n ? 0 : 1), 0);
  const share = (lists: readonly (readonly bigint[])[]) => Math.ceil(lists.reduce((sum, list) => sum + nonZero(list), 0) / threads);
  const windowBits: Record<Group, number> = { g1: bestWindow(share([ic, c, a, b, h])), g2: bestWindow(share([b])) };
  let done = 0;
  const schedule = (group: Group, values: readonly bigint[]): Multiples => {
    const tasks: Promise<Uint8Array>[] = [];
    for (let first = 0; first < values.length; first += TASK_POINTS) {
      const part = values.slice(first, first + TASK_POINTS);
      const task: FixedBaseTask = { group, windowBits: windowBits[group], scalars: packScalars(part) };
      const result = pool.run(task, { transferList: [task.scalars.buffer] }) as Promise<Uint8Array>;
      const counted = result.then((points) => {
        done += part.length;
        onProgress?.({ done, total });
        return points;
      });
      // Whoever awaits the part sees its failure; parts that nobody comes to await any more must not end the process.
      counted.catch(() => undefined);
      tasks.push(counted);
    }
    return tasks;
  };
  // In the order in which they are written, so that no part waits long in memory.
  return {
    header1: schedule('g1', header1),
    header2: schedule('g2', header2),
    ic: schedule('g1', ic),
    h: schedule('g1', h),
    c: schedule('g1', c),
    a: schedule('g1', a),
    b1: schedule('g1', b),
    b2: schedule('g2', b),
  };
}

function packScalars(values: readonly bigint[]): Uint8Array<ArrayBuffer> {
  const words = new BigUint64Array(values.length * 4);
  values.forEach((value, index) => storeBigint(words, index * 4, value));
  return new Uint8Array(words.buffer);
}

interface WriteKey {
  readonly r1cs: R1cs;
  readonly zkeyPath: string;
  readonly points: KeyPoints;
  readonly power: number;
  readonly signal: AbortSignal | undefined;
}

async function writeKey({ r1cs, zkeyPath, points, power, signal }: WriteKey): Promise<void> {
  const publicCount = r1cs.publicOutputCount + r1cs.publicInputCount;
  await writeBinFile({ ...ZKEY_FORMAT, path: zkeyPath, sectionCount: 10, signal }, async (writer) => {
    const word = (value: number) => new Uint8Array(new Uint32Array([value]).buffer);
    await writer.section(ZKEY.protocol, (append) => append(word(GROTH16_PROTOCOL)));
    const header1 = (await points.header1[0]) as Uint8Array;
    const header2 = (await points.header2[0]) as Uint8Array;
    const g1 = (index: number) => header1.subarray(index * G1_BYTES, (index + 1) * G1_BYTES);
    const g2 = (index: number) => header2.subarray(index * G2_BYTES, (index + 1) * G2_BYTES);
    await writer.section(ZKEY.header, async (append) => {
      const sizes = [word(32), bigintToBytes(BASE_PRIME), word(32), bigintToBytes(R), word(r1cs.wireCount), word(publicCount), word(2 ** power)];
      for (const bytes of [...sizes, g1(0), g1(1), g2(0), g2(1), g1(2), g2(2)]) await append(bytes);
    });
    await writer.section(ZKEY.coefficients, async (append) => {
      for (const chunk of coefficientChunks(r1cs)) await append(chunk);
    });
    for (const [type, parts] of [
      [ZKEY.ic, points.ic],
      [ZKEY.h, points.h],
      [ZKEY.c, points.c],
      [ZKEY.a, points.a],
      [ZKEY.b1, points.b1],
      [ZKEY.b2, points.b2],
    ] as const) {
      await writer.section(type, async (append) => {
        for (const part of parts) await append(await part);
      });
    }
    await writer.section(ZKEY.contributions, async (append) => {
      await append(developmentCircuitHash(r1cs));
      await append(word(0));
    });
  });
}
