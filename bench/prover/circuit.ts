// A synthetic circuit shaped like a compiled quantized model: groups of 27 rows, each one requantized activation (24 boolean
// wires, a saturation flag with two rows, one row with a dense combination in C), and packed public values.
// Its witness is two thirds bits and a few accumulators; with `wide`, two thirds of the wires are full-size instead.
import { closeSync, openSync, writeSync } from 'node:fs';

const PRIME = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;

/** A small deterministic generator (xorshift32), so that every run measures the same files. */
const generator = (seed: number): (() => number) => {
  let s = seed >>> 0 || 1;
  return () => {
    s ^= s << 13;
    s >>>= 0;
    s ^= s >>> 17;
    s ^= s << 5;
    s >>>= 0;
    return s;
  };
};

const le32 = (value: bigint): Buffer => {
  let v = ((value % PRIME) + PRIME) % PRIME;
  const out = Buffer.alloc(32);
  for (let i = 0; i < 4; i += 1) {
    out.writeBigUInt64LE(v & 0xffffffffffffffffn, 8 * i);
    v >>= 64n;
  }
  return out;
};

/** A file written through a buffer. */
class Sink {
  private readonly fd: number;
  private readonly buffer = Buffer.alloc(1 << 22);
  private at = 0;
  constructor(path: string) {
    this.fd = openSync(path, 'w');
  }
  private room(n: number): void {
    if (this.at + n > this.buffer.length) this.flush();
  }
  private flush(): void {
    let off = 0;
    while (off < this.at) off += writeSync(this.fd, this.buffer, off, this.at - off);
    this.at = 0;
  }
  u32(v: number): void {
    this.room(4);
    this.at = this.buffer.writeUInt32LE(v >>> 0, this.at);
  }
  u64(v: number): void {
    this.room(8);
    this.at = this.buffer.writeBigUInt64LE(BigInt(v), this.at);
  }
  bytes(b: Buffer): void {
    this.room(b.length);
    b.copy(this.buffer, this.at);
    this.at += b.length;
  }
  close(): void {
    this.flush();
    closeSync(this.fd);
  }
}

type Combination = [wire: number, coefficient: bigint][];
type Row = [a: Combination, b: Combination, c: Combination];

interface PlanParameters {
  readonly rows: number;
  readonly publics: number;
  readonly wide: boolean;
  readonly dense: number;
  readonly seed: number;
}

/** Rows and witness of the circuit with `rows` rows. */
const plan = ({ rows, publics, wide, dense: terms, seed }: PlanParameters): { values: bigint[]; constraints: Row[] } => {
  const random = generator(seed);
  const values: bigint[] = [1n];
  const constraints: Row[] = [];
  const add = (v: bigint): number => values.push(v) - 1;
  const at = (wire: number): bigint => values[wire] as bigint;
  for (let i = 0; i < publics; i += 1) add(0n);
  const bits: number[] = [];
  while (constraints.length < rows - publics) {
    const left = rows - publics - constraints.length;
    if (wide && left >= 3 && random() % 3 < 2) {
      // x·y = z with full-size wires, as the inverses of a lookup argument are
      const x = add((BigInt(random()) << 220n) + (BigInt(random()) << 100n) + BigInt(random()));
      const y = add((BigInt(random()) << 200n) + BigInt(random()));
      const z = add((at(x) * at(y)) % PRIME);
      constraints.push([[[x, 1n]], [[y, 1n]], [[z, 1n]]]);
      continue;
    }
    if (left < 27) {
      const b = add(BigInt(random() & 1));
      constraints.push([[[b, 1n]], [[b, 1n], [0, -1n]], []]);
      bits.push(b);
      continue;
    }
    const own: number[] = [];
    for (let i = 0; i < 24; i += 1) {
      const b = add(BigInt((random() >>> 5) & 1));
      own.push(b);
      bits.push(b);
      constraints.push([[[b, 1n]], [[b, 1n], [0, -1n]], []]);
    }
    const g = add(BigInt((random() % 3) - 1));
    const g2 = add(at(g) * at(g));
    constraints.push([[[g, 1n]], [[g, 1n]], [[g2, 1n]]]);
    constraints.push([[[g, 1n]], [[g2, 1n], [0, -1n]], []]);
    const u: Combination = own.map((b, i) => [b, 1n << BigInt(i)]);
    const uValue = u.reduce((s, [b, c]) => s + at(b) * c, 0n);
    const dense: Combination = [];
    for (let i = 0; i < terms; i += 1) dense.push([bits[random() % bits.length] as number, BigInt((random() % 255) - 127)]);
    const merged = new Map<number, bigint>();
    for (const [w, c] of dense) merged.set(w, (merged.get(w) ?? 0n) + c);
    const sum = [...merged].reduce((s, [w, c]) => s + at(w) * c, 0n);
    // 1 − 2·low = 1 − g2 + g
    const accumulator = add((1n - at(g2) + at(g)) * uValue - sum);
    constraints.push([[[0, 1n], [g2, -1n], [g, 1n]], u, [[accumulator, 1n], ...[...merged].filter(([, c]) => c !== 0n)]]);
  }
  for (let p = 1; p <= publics; p += 1) {
    const packed: Combination = bits.slice((p - 1) * 240, p * 240).map((b, i) => [b, 1n << BigInt(i)]);
    values[p] = packed.reduce((s, [b, c]) => s + at(b) * c, 0n);
    constraints.push([[], [], [[p, -1n], ...packed]]);
  }
  return { values, constraints };
};

export interface CircuitParameters {
  /** Paths of the files to write. */
  readonly r1cs: string;
  readonly wtns: string;
  /** The circuit fills the domain 2^log2 to within 100 rows. */
  readonly log2: number;
  /** Two thirds of the wires are full-size. */
  readonly wide?: boolean;
  /** Terms of a dense combination; default 16. */
  readonly dense?: number;
  readonly seed?: number;
  readonly publics?: number;
}

export interface CircuitSizes {
  readonly rows: number;
  readonly wires: number;
  readonly nonZeros: number;
}

/** Writes the circuit and its witness. */
export const writeCircuit = ({ r1cs, wtns, log2, wide = false, dense = 16, seed = 7, publics = 4 }: CircuitParameters): CircuitSizes => {
  const rows = 2 ** log2 - publics - 1 - 8;
  const { values, constraints } = plan({ rows, publics, wide, dense, seed });
  const coefficients = new Map<bigint, Buffer>();
  const encoded = (c: bigint): Buffer => {
    let b = coefficients.get(c);
    if (!b) coefficients.set(c, (b = le32(c)));
    return b;
  };
  let bodySize = 0;
  let nonZeros = 0;
  for (const row of constraints)
    for (const lc of row) {
      bodySize += 4 + 36 * lc.length;
      nonZeros += lc.length;
    }
  const prime = Buffer.alloc(32);
  {
    let v = PRIME;
    for (let i = 0; i < 4; i += 1) {
      prime.writeBigUInt64LE(v & 0xffffffffffffffffn, 8 * i);
      v >>= 64n;
    }
  }
  const out = new Sink(r1cs);
  out.bytes(Buffer.from('r1cs'));
  out.u32(1);
  out.u32(3);
  out.u32(1);
  out.u64(64);
  out.u32(32);
  out.bytes(prime);
  out.u32(values.length);
  out.u32(publics);
  out.u32(0);
  out.u32(values.length - 1 - publics);
  out.u64(values.length);
  out.u32(constraints.length);
  out.u32(2);
  out.u64(bodySize);
  for (const row of constraints)
    for (const lc of row) {
      out.u32(lc.length);
      for (const [wire, c] of lc) {
        out.u32(wire);
        out.bytes(encoded(c));
      }
    }
  out.u32(3);
  out.u64(8 * values.length);
  for (let i = 0; i < values.length; i += 1) out.u64(i);
  out.close();
  const w = new Sink(wtns);
  w.bytes(Buffer.from('wtns'));
  w.u32(2);
  w.u32(2);
  w.u32(1);
  w.u64(40);
  w.u32(32);
  w.bytes(prime);
  w.u32(values.length);
  w.u32(2);
  w.u64(32 * values.length);
  for (const v of values) w.bytes(le32(v));
  w.close();
  return { rows: constraints.length, wires: values.length, nonZeros };
};
