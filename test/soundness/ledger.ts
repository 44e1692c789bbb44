/**
 * Counts what is attacked. The tests of the gadgets attack whether or not anyone counts; when the laboratory runs them it names a
 * file in ZKONNX_LEDGER, and each process adds its totals to it when it ends.
 */
import { appendFileSync } from 'node:fs';

export type Attack =
  /** One input over a small prime: a search through all assignments for one with another output. */
  | 'all assignments'
  /** One wire of an honest witness changed. */
  | 'one wire'
  /** One wire changed, and another one so that a row that objects is satisfied again. */
  | 'two wires'
  /** The linear system of the wires' movements: can any move while the inputs stay? */
  | 'elimination';

export interface Tally {
  readonly tried: number;
  /** Attacks that gave another output. */
  readonly accepted: number;
  /** Attacks on a system without one of its rows, where the attacker must win. */
  readonly controls: number;
  readonly controlsWon: number;
}

/** What is known and harmless about a gadget. */
export interface Remark {
  /** Wires that may take several values for one input; rows whose removal admits no forgery; or that there are no such wires. */
  readonly kind: 'free' | 'idle' | 'determined';
  readonly reason: string;
}

const NONE: Tally = { tried: 0, accepted: 0, controls: 0, controlsWon: 0 };
const totals = new Map<Attack, Tally>();
const remarks = new Map<string, Remark>();
const file = process.env['ZKONNX_LEDGER'];
/** Attacks beyond those of the tests are made for the laboratory only. */
export const inLaboratory = file !== undefined;

export function record(attack: Attack, counts: Partial<Tally>): void {
  totals.set(attack, addTallies(totals.get(attack) ?? NONE, { ...NONE, ...counts }));
}

export function remark(kind: Remark['kind'], reason: string): void {
  remarks.set(`${kind} ${reason}`, { kind, reason });
}

export function addTallies(left: Tally, right: Tally): Tally {
  return {
    tried: left.tried + right.tried,
    accepted: left.accepted + right.accepted,
    controls: left.controls + right.controls,
    controlsWon: left.controlsWon + right.controlsWon,
  };
}

if (file !== undefined) process.on('exit', () => appendFileSync(file, [...totals, ...remarks.values()].map((line) => `${JSON.stringify(line)}\n`).join('')));
