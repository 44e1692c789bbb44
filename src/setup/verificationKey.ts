/** Verification keys, in snarkjs's JSON form: decimal strings, projective points with a last coordinate 1 (or 0 at infinity). */
import { bn254 } from '@noble/curves/bn254.js';
import { BinFileReader, malformed, type BinSource } from '../r1cs/binFile.js';
import { G1_BYTES, type G1Affine, type G2Affine } from './baseField.js';
import { ZKEY, ZKEY_FORMAT, decodeG1, parseHeader } from './zkey.js';

/** x, y, z as decimal strings. */
export type G1Json = [string, string, string];
/** x, y, z, each [c0, c1]. */
export type G2Json = [[string, string], [string, string], [string, string]];
/** An element of the target field: two halves of three pairs. */
export type GtJson = [[string, string], [string, string], [string, string]][];

/** What a verifier needs to know of a circuit. */
export interface VerificationKey {
  readonly protocol: 'groth16';
  readonly curve: 'bn128';
  /** Public signals, without the constant. */
  readonly nPublic: number;
  readonly vk_alpha_1: G1Json;
  readonly vk_beta_2: G2Json;
  readonly vk_gamma_2: G2Json;
  readonly vk_delta_2: G2Json;
  /** e(α, β); nobody needs it, but snarkjs's files have it. */
  readonly vk_alphabeta_12: GtJson;
  /** nPublic + 1 points. */
  readonly IC: G1Json[];
}

/**
 * The verification key that belongs to a proving key, equal to what `snarkjs zkey export verificationkey` writes.
 * @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED; the latter also when a public signal has no point of its own, so that any value of it would fit.
 */
export async function verificationKeyFromZkey(source: BinSource): Promise<VerificationKey> {
  const file = await BinFileReader.open(source, ZKEY_FORMAT);
  try {
    const header = await parseHeader(file);
    const bytes = await file.read(ZKEY.ic);
    const ic = Array.from({ length: header.publicCount + 1 }, (_, index) => {
      const isInfinity = bytes.subarray(index * G1_BYTES, (index + 1) * G1_BYTES).every((byte) => byte === 0);
      if (isInfinity && index > 0) throw malformed(file.name, `public signal ${index} is not bound by the key`);
      return isInfinity ? INFINITY : g1Json(decodeG1(file.name, bytes, index * G1_BYTES));
    });
    return {
      protocol: 'groth16',
      curve: 'bn128',
      nPublic: header.publicCount,
      vk_alpha_1: g1Json(header.alpha1),
      vk_beta_2: g2Json(header.beta2),
      vk_gamma_2: g2Json(header.gamma2),
      vk_delta_2: g2Json(header.delta2),
      vk_alphabeta_12: pairingJson(header.alpha1, header.beta2),
      IC: ic,
    };
  } finally {
    await file.close();
  }
}

const INFINITY: G1Json = ['0', '1', '0'];

function g1Json({ x, y }: G1Affine): G1Json {
  return [String(x), String(y), '1'];
}

function g2Json({ x, y }: G2Affine): G2Json {
  return [
    [String(x[0]), String(x[1])],
    [String(y[0]), String(y[1])],
    ['1', '0'],
  ];
}

function pairingJson(p: G1Affine, q: G2Affine): GtJson {
  const { Fp2 } = bn254.fields;
  const { c0, c1 } = bn254.pairing(
    bn254.G1.Point.fromAffine(p),
    bn254.G2.Point.fromAffine({ x: Fp2.fromBigTuple([q.x[0], q.x[1]]), y: Fp2.fromBigTuple([q.y[0], q.y[1]]) }),
  );
  return [c0, c1].map((half) => [half.c0, half.c1, half.c2].map((pair): [string, string] => [String(pair.c0), String(pair.c1)]) as GtJson[number]);
}
