/** What an experiment of the laboratory is, and what it reports. */
import type { Remark, Tally } from '../soundness/ledger.js';

export type Scale =
  /** A part of it, for the fast tests. */
  | 'sample'
  /** All of it. */
  | 'full';

/** A piece of an experiment that needs no other piece: pieces run in processes of their own, side by side. */
export interface Part {
  readonly name: string;
  readonly run: () => Promise<readonly Finding[]> | readonly Finding[];
}

export interface Experiment {
  readonly name: string;
  /** What is attacked, in one line. */
  readonly about: string;
  /** Whether what is tried are forgeries: what fails elsewhere is as bad, but is counted apart. */
  readonly forgeries: boolean;
  /** The same in every process. Those that take longest come first. */
  readonly parts: (scale: Scale) => readonly Part[];
}

/** One kind of attack. */
export interface Finding extends Tally {
  readonly attack: string;
  /** Everything that was accepted, or a control that was lost: what to look at. */
  readonly alarms: readonly string[];
  /** What is known and harmless, by gadget. */
  readonly remarks?: readonly GadgetRemark[];
}

export interface GadgetRemark extends Remark {
  readonly gadget: string;
}

/** A finding of attacks that need no control, from what was accepted. */
export function finding(attack: string, tried: number, alarms: readonly string[]): Finding {
  return { attack, tried, accepted: alarms.length, controls: 0, controlsWon: 0, alarms };
}

/** One finding for each attack. */
export function merged(all: readonly Finding[]): Finding[] {
  const byAttack = new Map<string, Finding>();
  for (const one of all) {
    const other = byAttack.get(one.attack);
    byAttack.set(one.attack, other === undefined ? one : {
      attack: one.attack,
      tried: one.tried + other.tried,
      accepted: one.accepted + other.accepted,
      controls: one.controls + other.controls,
      controlsWon: one.controlsWon + other.controlsWon,
      alarms: [...other.alarms, ...one.alarms],
      remarks: [...(other.remarks ?? []), ...(one.remarks ?? [])],
    });
  }
  return [...byAttack.values()];
}

/** Numbers in [0, 1) that are the same in every run. (Marsaglia, Xorshift RNGs, 2003.) */
export { seeded as randomNumbers } from '../support/seeded.js';
