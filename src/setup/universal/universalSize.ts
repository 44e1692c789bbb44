/** What a system takes in PLONK and FFLONK: the domain, the powers of tau, the key, the memory of snarkjs. */
import { G1_BYTES, G2_BYTES } from '../baseField.js';
import type { UniversalSystem } from '../proofSystem.js';

export interface UniversalSize {
  /** The domain has 2^domainPower gates. */
  readonly domainPower: number;
  /** Least power of a powers-of-tau file. */
  readonly ptauPower: number;
  /** Bytes of the proving key. */
  readonly keyBytes: number;
  /** Bytes of memory that snarkjs takes to make the key and to prove, about. */
  readonly memory: number;
}

/** At 2^17 snarkjs takes minutes to set up and to prove (docs/plonk.md); above this it would take hours. */
export const LARGEST_UNIVERSAL_POWER = 20;

/** No published powers of tau go further. */
export const LARGEST_PTAU_POWER = 28;

/** FFLONK keeps two rows free for blinding. */
const SPARE_GATES: Readonly<Record<UniversalSystem, number>> = { plonk: 0, fflonk: 2 };
const LEAST_POWER = 3;

/**
 * log2 of the domain of that many gates.
 *
 * PLONK then takes domain + 6 powers of τ, and the Lagrange basis of the domain, which a file has up to its own power. FFLONK takes
 * 9·domain + 18 powers; a file of power p has 2^(p + 1) − 1.
 */
export function universalPower(system: UniversalSystem, gates: number): number {
  return Math.max(LEAST_POWER, Math.floor(Math.log2(Math.max(1, gates + SPARE_GATES[system] - 1))) + 1);
}

/** How many powers of τ in G1 a key has. */
export function tauPowers(system: UniversalSystem, domainSize: number): number {
  return system === 'plonk' ? domainSize + 6 : 9 * domainSize + 18;
}

/** The least power of a powers-of-tau file for a domain. */
export function neededPtauPower(system: UniversalSystem, domainPower: number): number {
  let power = domainPower;
  while (2 ** (power + 1) - 1 < tauPowers(system, 2 ** domainPower)) power++;
  return power;
}

/** Bytes of a field element, and of one of the polynomials that keys have: its coefficients, and its values on four times the domain. */
const ELEMENT = 32;
const polynomialBytes = (domainSize: number): number => 5 * domainSize * ELEMENT;

/** Sizes of the sections of a key by their numbers, the one with the number of the system left out. */
export function sectionSizes({ system, publicCount, gates, additions, domainSize }: { readonly system: UniversalSystem; readonly publicCount: number; readonly gates: number; readonly additions: number; readonly domainSize: number }): ReadonlyMap<number, number> {
  const polynomial = polynomialBytes(domainSize);
  const field = 4 + ELEMENT;
  const lagrange = Math.max(1, publicCount) * polynomial;
  const powers = tauPowers(system, domainSize) * G1_BYTES;
  const [header, rest] =
    system === 'plonk'
      ? [2 * field + 20 + 2 * ELEMENT + 8 * G1_BYTES + G2_BYTES, [3 * polynomial, lagrange, powers]]
      : [2 * field + 20 + 6 * ELEMENT + G2_BYTES + G1_BYTES, [polynomial, polynomial, polynomial, lagrange, powers, 8 * domainSize * ELEMENT]];
  const sizes = [header, additions * (8 + 2 * ELEMENT), 4 * gates, 4 * gates, 4 * gates, polynomial, polynomial, polynomial, polynomial, polynomial, ...rest];
  return new Map(sizes.map((size, index) => [index + 2, size]));
}

/** From the number of gates; the count of additions changes little. */
export function universalSize({ system, gates, additions, publicCount }: { readonly system: UniversalSystem; readonly gates: number; readonly additions: number; readonly publicCount: number }): UniversalSize {
  const domainPower = universalPower(system, gates);
  const domainSize = 2 ** domainPower;
  const sections = sectionSizes({ system, publicCount, gates, additions, domainSize });
  const keyBytes = [...sections.values()].reduce((sum, size) => sum + size + 12, 12 + 12 + 4);
  return { domainPower, ptauPower: neededPtauPower(system, domainPower), keyBytes, memory: MEMORY.process + MEMORY.gate * gates + MEMORY[system] * domainSize };
}

/** Bytes of memory: of the process, for each gate while the key is made, and for each point of the domain. Measured; docs/plonk.md. */
const MEMORY = { process: 300_000_000, gate: 900, plonk: 5_000, fflonk: 15_000 } as const;
