/**
 * The stream of numbers that ceremonies of iden3's tools are made from: the key stream of ChaCha20, and how scalars and points are
 * drawn from it. Everyone must draw the same from the same seed: the point of the proof of knowledge, and all of a beacon.
 */
import { createCipheriv } from 'node:crypto';
import { bn254 } from '@noble/curves/bn254.js';
import { FIELD_PRIME, inverse } from '../../r1cs/field.js';
import { BASE_PRIME, type G1Affine, type G2Affine } from '../baseField.js';

const BLOCK = 256;
const MASK = (1n << 254n) - 1n;
/** The twist has this times r points, as for all curves of this family. */
const G2_COFACTOR = 2n * BASE_PRIME - FIELD_PRIME;

/** Numbers from a seed. */
export class RandomStream {
  readonly #cipher: ReturnType<typeof createCipheriv>;
  #block: Buffer = Buffer.alloc(0);
  #position = 0;

  /** @param seed at least 32 bytes; the first 32 count, as eight big-endian words. */
  constructor(seed: Uint8Array) {
    // The cipher takes its key as little-endian words.
    const key = Buffer.from(seed.subarray(0, 32)).swap32();
    this.#cipher = createCipheriv('chacha20', key, Buffer.alloc(16));
    key.fill(0);
  }

  /** A scalar of the field of order r. Its words are read as the field's Montgomery form. */
  scalar(): bigint {
    return this.#element(FIELD_PRIME);
  }

  /** A point of G1. */
  g1(): G1Affine {
    const { Fp } = bn254.fields;
    for (;;) {
      const x = this.#element(BASE_PRIME);
      const larger = this.#bit();
      const y = root(Fp, Fp.add(Fp.mul(Fp.sqr(x), x), 3n));
      if (y === undefined) continue;
      return { x, y: isLarger(y) === larger ? y : Fp.neg(y) };
    }
  }

  /** A point of G2: of the twist, then times the cofactor. */
  g2(): G2Affine {
    const { Fp2 } = bn254.fields;
    for (;;) {
      const x = Fp2.fromBigTuple([this.#element(BASE_PRIME), this.#element(BASE_PRIME)]);
      const larger = this.#bit();
      const y = root(Fp2, Fp2.add(Fp2.mul(Fp2.sqr(x), x), TWIST_B));
      if (y === undefined) continue;
      const same = isLarger(y.c1 === 0n ? y.c0 : y.c1) === larger;
      const { x: px, y: py } = times(bn254.G2.Point.fromAffine({ x, y: same ? y : Fp2.neg(y) }), G2_COFACTOR).toAffine();
      return { x: [px.c0, px.c1], y: [py.c0, py.c1] };
    }
  }

  /** Overwrites what is left of the stream. */
  wipe(): void {
    this.#block.fill(0);
  }

  #word(): bigint {
    if (this.#position === this.#block.length) {
      this.#block = this.#cipher.update(Buffer.alloc(BLOCK));
      this.#position = 0;
    }
    const value = this.#block.readUInt32LE(this.#position);
    this.#position += 4;
    return BigInt(value);
  }

  #bit(): boolean {
    return (this.#word() & 1n) === 1n;
  }

  /** Four 64-bit words, the lowest first, each with its higher half first; again until the 254 lowest bits are below the prime. */
  #element(prime: bigint): bigint {
    for (;;) {
      let value = 0n;
      for (let word = 0n; word < 4n; word++) {
        const high = this.#word();
        value |= ((high << 32n) | this.#word()) << (64n * word);
      }
      value &= MASK;
      if (value < prime) return (value * (prime === FIELD_PRIME ? R_INVERSE : Q_INVERSE)) % prime;
    }
  }
}

const R_INVERSE = inverse((1n << 256n) % FIELD_PRIME, FIELD_PRIME);
const Q_INVERSE = inverse((1n << 256n) % BASE_PRIME, BASE_PRIME);

/** 3/(9 + u), the constant of the twist. */
const TWIST_B = bn254.fields.Fp2.div(bn254.fields.Fp2.fromBigTuple([3n, 0n]), bn254.fields.Fp2.fromBigTuple([9n, 1n]));

/** A multiple of a point of the twist that need not be in the subgroup, which the library's own multiplication asks for. */
function times(point: InstanceType<typeof bn254.G2.Point>, scalar: bigint): typeof point {
  let result = bn254.G2.Point.ZERO;
  for (const digit of scalar.toString(2)) {
    result = result.double();
    if (digit === '1') result = result.add(point);
  }
  return result;
}

/** A square root, if there is one. */
function root<T>(field: { sqrt(value: T): T; eql(a: T, b: T): boolean; sqr(value: T): T }, square: T): T | undefined {
  try {
    const found = field.sqrt(square);
    return field.eql(field.sqr(found), square) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isLarger(coordinate: bigint): boolean {
  return coordinate > (BASE_PRIME - 1n) / 2n;
}
