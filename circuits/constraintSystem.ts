import type { R1csBuilder } from '../src/r1cs/builder.js';
import type { RangeChecks } from './range.js';

/** What a gadget writes to. */
export interface ConstraintSystem {
  readonly builder: R1csBuilder;
  readonly ranges: RangeChecks;
}
