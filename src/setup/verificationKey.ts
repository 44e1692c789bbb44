/** Verification keys, in snarkjs's JSON form: decimal strings, projective points with a last coordinate 1 (or 0 at infinity). */
import { bn254 } from '@noble/curves/bn254.js';
import { BinFileReader, type BinSource } from '../r1cs/binFile.js';
import { G1_BYTES, type G1Affine, type G2Affine } from './baseField.js';
import { readVerifierPoints, type G1Json, type VerifierPoints } from './verifierPoints.js';
import { decodeG1, parseHeader } from './zkey.js';
import { ZKEY, ZKEY_FORMAT } from './zkeyFile.js';

export type { G1Json, G2Json } from './verifierPoints.js';
/** An element of the target field: two halves of three pairs. */
export type GtJson = [[string, string], [string, string], [string, string]][];

/** What a verifier needs to know of a circuit. */
export interface VerificationKey extends VerifierPoints {
  /** e(α, β); nobody needs it, but snarkjs's files have it. */
  readonly vk_alphabeta_12: GtJson;
}

/**
 * The verification key that belongs to a proving key, equal to what `snarkjs zkey export verificationkey` writes.
 * @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED; the latter also when a public signal has no point of its own, so that any value of it would fit.
 */
export async function verificationKeyFromZkey(source: BinSource): Promise<VerificationKey> {
  const file = await BinFileReader.open(source, ZKEY_FORMAT);
  try {
    const header = await parseHeader(file);
    const { IC, ...points } = await readVerifierPoints(file, header);
    const bytes = await file.read(ZKEY.ic);
    IC.forEach((point, index) => void (isInfinity(point) || decodeG1(file.name, bytes, index * G1_BYTES)));
    return { ...points, vk_alphabeta_12: pairingJson(header.alpha1, header.beta2), IC };
  } finally {
    await file.close();
  }
}

function isInfinity([, , z]: G1Json): boolean {
  return z === '0';
}

function pairingJson(p: G1Affine, q: G2Affine): GtJson {
  const { Fp2 } = bn254.fields;
  const { c0, c1 } = bn254.pairing(
    bn254.G1.Point.fromAffine(p),
    bn254.G2.Point.fromAffine({ x: Fp2.fromBigTuple([q.x[0], q.x[1]]), y: Fp2.fromBigTuple([q.y[0], q.y[1]]) }),
  );
  return [c0, c1].map((half) => [half.c0, half.c1, half.c2].map((pair): [string, string] => [String(pair.c0), String(pair.c1)]) as GtJson[number]);
}
