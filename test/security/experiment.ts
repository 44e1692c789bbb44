/** What an experiment of the laboratory is, and what it reports. */
import type { Tally } from '../soundness/ledger.js';

export type Scale =
  /** A part of it, for the fast tests. */
  | 'sample'
  /** All of it. */
  | 'full';

export interface Experiment {
  readonly name: string;
  /** What is attacked, in one line. */
  readonly about: string;
  /** Whether what is tried are forgeries: what fails elsewhere is as bad, but is counted apart. */
  readonly forgeries: boolean;
  readonly run: (scale: Scale) => Promise<readonly Finding[]>;
}

/** One kind of attack. */
export interface Finding extends Tally {
  readonly attack: string;
  /** Everything that was accepted, or a control that was lost: what to look at. */
  readonly alarms: readonly string[];
}

/** A finding of attacks that need no control, from what was accepted. */
export function finding(attack: string, tried: number, alarms: readonly string[]): Finding {
  return { attack, tried, accepted: alarms.length, controls: 0, controlsWon: 0, alarms };
}

/** Numbers in [0, 1) that are the same in every run. (Marsaglia, Xorshift RNGs, 2003.) */
export { randomNumbers } from '../support/randomSystem.js';
