/** `.zkey` files of PLONK and FFLONK over BN254, as snarkjs writes them: what they say of themselves, and the verification keys in them. */
import { bn254 } from '@noble/curves/bn254.js';
import { BinFileReader, malformed, view, type BinSource } from '../../r1cs/binFile.js';
import { FIELD_PRIME, modulo, inverse } from '../../r1cs/field.js';
import { bytesToBigint } from '../../r1cs/words.js';
import { BASE_PRIME, G1_BYTES, G2_BYTES } from '../baseField.js';
import { rootOfUnity } from '../domain.js';
import { PROTOCOL_NUMBERS, PROOF_SYSTEMS, type ProofSystem, type UniversalSystem } from '../proofSystem.js';
import type { G1Json, G2Json } from '../verifierPoints.js';
import { decodeG2 } from '../zkey.js';
import { ZKEY_FORMAT, readG1 } from '../zkeyFile.js';
import { sectionSizes } from './universalSize.js';

interface CommonVerificationKey {
  readonly curve: 'bn128';
  /** Public signals. */
  readonly nPublic: number;
  /** The domain has 2^power gates. */
  readonly power: number;
  /** Of the cosets of the second and the third wire. */
  readonly k1: string;
  readonly k2: string;
  /** τ in G2. */
  readonly X_2: G2Json;
  /** Generates the domain. */
  readonly w: string;
}

/** What a verifier needs to know of a circuit, in snarkjs's JSON form. Points may be at infinity: a selector that is zero everywhere. */
export interface PlonkVerificationKey extends CommonVerificationKey {
  readonly protocol: 'plonk';
  readonly Qm: G1Json;
  readonly Ql: G1Json;
  readonly Qr: G1Json;
  readonly Qo: G1Json;
  readonly Qc: G1Json;
  readonly S1: G1Json;
  readonly S2: G1Json;
  readonly S3: G1Json;
}

/** What a verifier needs to know of a circuit, in snarkjs's JSON form. */
export interface FflonkVerificationKey extends CommonVerificationKey {
  readonly protocol: 'fflonk';
  /** Roots of unity of the orders 3, 4 and 8, and a third root of the domain's generator. */
  readonly w3: string;
  readonly w4: string;
  readonly w8: string;
  readonly wr: string;
  /** All selectors and permutations in one commitment. */
  readonly C0: G1Json;
}

export type UniversalVerificationKey = PlonkVerificationKey | FflonkVerificationKey;

export interface UniversalKey {
  readonly system: UniversalSystem;
  /** Wires of the rows that it was made from, the constant included. */
  readonly wireCount: number;
  readonly publicCount: number;
  readonly gates: number;
  readonly additions: number;
  readonly domainPower: number;
  readonly verificationKey: UniversalVerificationKey;
}

const PROTOCOL_SECTION = 1;
const HEADER_SECTION = 2;

/** Which system a key is of, as its file says. @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED */
export async function readKeySystem(source: BinSource): Promise<ProofSystem> {
  const file = await BinFileReader.open(source, ZKEY_FORMAT);
  try {
    return await parseSystem(file);
  } finally {
    await file.close();
  }
}

async function parseSystem(file: BinFileReader): Promise<ProofSystem> {
  file.expectSize(PROTOCOL_SECTION, 4);
  const number = view(await file.read(PROTOCOL_SECTION)).getUint32(0, true);
  const system = PROOF_SYSTEMS.find((candidate) => PROTOCOL_NUMBERS[candidate] === number);
  if (system === undefined) throw malformed(file.name, 'not a key of a known proof system', 'protocol 1, 2 or 10', `protocol ${number}`);
  return system;
}

/**
 * Reads the header of a key of PLONK or FFLONK, and checks that all sections have the sizes that follow from it, and that points are on
 * the curve.
 * @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED
 */
export async function readUniversalKey(source: BinSource): Promise<UniversalKey> {
  const file = await BinFileReader.open(source, ZKEY_FORMAT);
  try {
    const system = await parseSystem(file);
    if (system === 'groth16') throw malformed(file.name, 'not a key of PLONK or FFLONK', 'protocol 2 or 10', 'protocol 1');
    return await parseHeader(file, system);
  } finally {
    await file.close();
  }
}

async function parseHeader(file: BinFileReader, system: UniversalSystem): Promise<UniversalKey> {
  const bytes = await file.read(HEADER_SECTION);
  const data = view(bytes);
  const fieldsFit = bytes.length >= 92 && data.getUint32(0, true) === 32 && data.getUint32(36, true) === 32 && bytesToBigint(bytes, 4) === BASE_PRIME && bytesToBigint(bytes, 40) === FIELD_PRIME;
  if (!fieldsFit) throw malformed(file.name, 'not a key over the curve BN254');
  const [variables, publicCount, domainSize, additions, gates] = [72, 76, 80, 84, 88].map((offset) => data.getUint32(offset, true)) as [number, number, number, number, number];
  const domainPower = Math.log2(domainSize);
  if (!Number.isInteger(domainPower) || domainPower < 3 || domainPower > 28) throw malformed(file.name, 'the domain is not a power of two from 2^3 to 2^28', undefined, String(domainSize));
  const wireCount = variables - additions;
  if (gates > domainSize || publicCount >= wireCount || publicCount > gates) throw malformed(file.name, 'the sizes in its header contradict each other');
  for (const [section, size] of sectionSizes({ system, publicCount, gates, additions, domainSize })) file.expectSize(section, size);
  const reader = headerReader(file.name, bytes);
  const common = { curve: 'bn128', nPublic: publicCount, power: domainPower, k1: reader.element(), k2: reader.element() } as const;
  const w = String(rootOfUnity(domainPower));
  const verificationKey: UniversalVerificationKey =
    system === 'plonk'
      ? { protocol: 'plonk', ...common, Qm: reader.g1(), Ql: reader.g1(), Qr: reader.g1(), Qo: reader.g1(), Qc: reader.g1(), S1: reader.g1(), S2: reader.g1(), S3: reader.g1(), X_2: reader.g2(), w }
      : { protocol: 'fflonk', ...common, w, w3: reader.element(), w4: reader.element(), w8: reader.element(), wr: reader.element(), X_2: reader.g2(), C0: reader.g1() };
  return { system, wireCount, publicCount, gates, additions, domainPower, verificationKey };
}

/** Montgomery's factor: elements are stored times 2^256. */
const MONTGOMERY_INVERSE = inverse(modulo(1n << 256n));

/** Reads what follows the sizes, one after the other. */
function headerReader(name: string, bytes: Uint8Array): { element(): string; g1(): G1Json; g2(): G2Json } {
  let position = 92;
  const advance = (size: number): number => (position += size) - size;
  return {
    element() {
      const stored = bytesToBigint(bytes, advance(32));
      if (stored >= FIELD_PRIME) throw malformed(name, 'an element of its header is not reduced');
      return String((stored * MONTGOMERY_INVERSE) % FIELD_PRIME);
    },
    g1() {
      const { x, y } = readG1(name, bytes, advance(G1_BYTES));
      if (x === 0n && y === 0n) return ['0', '1', '0'];
      try {
        bn254.G1.Point.fromAffine({ x, y }).assertValidity();
      } catch {
        throw malformed(name, 'a point of its header is not on the curve');
      }
      return [String(x), String(y), '1'];
    },
    g2() {
      const { x, y } = decodeG2(name, bytes, advance(G2_BYTES));
      return [[String(x[0]), String(x[1])], [String(y[0]), String(y[1])], ['1', '0']];
    },
  };
}
