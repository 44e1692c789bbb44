/** Puts one gadget on trial over a small prime: every assignment, then every assignment without each of its rows. */
import assert from 'node:assert/strict';
import type { ConstraintSystem } from '../../circuits/constraintSystem.js';
import { RangeChecks } from '../../circuits/range.js';
import { R1csBuilder } from '../../src/r1cs/builder.js';
import { wire, type LinearCombination } from '../../src/r1cs/linearCombination.js';
import { visitAssignments } from './assignments.js';
import { record, remark } from './ledger.js';
import { smallSystem, withoutRow, type SmallSystem } from './smallSystem.js';

export interface Trial {
  /** An odd prime, large enough that nothing wraps around: the gadget's header says how large that is. */
  readonly prime: number;
  /** Writes the gadget over given wires and returns what it claims to force. */
  readonly build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => readonly LinearCombination[];
  /** All inputs of the gadget. */
  readonly inputs: readonly (readonly number[])[];
  /** What the outputs must be, from the meaning in plain integers; undefined where the gadget must refuse the input. */
  readonly expected: (input: readonly number[]) => readonly number[] | undefined;
}

export interface Verdict {
  readonly rows: number;
  /** Wires of the gadget itself, from 0. */
  readonly wires: number;
  /** Inputs for which there is no assignment, or one with other outputs, though all rows stand. Must be empty. */
  readonly wrong: readonly string[];
  /** Own wires that take several values for one and the same input. */
  readonly freeWires: readonly number[];
  /** Rows without which no forgery appears: no other output, and no accepted input that must be refused. */
  readonly idleRows: readonly number[];
}

/** Runs all of it. */
export function examine(trial: Trial): Verdict {
  const prepared = prepare(trial);
  const { system, own } = prepared;
  const found = allAssignments(trial, prepared);
  // What is wrong already needs no control.
  if (found.wrong.length > 0) return { rows: system.rows.length, wires: system.wireCount - own, ...found, idleRows: [] };
  const idleRows = system.rows.map((_, row) => row).filter((row) => !isForged(trial, prepared, withoutRow(system, row)));
  // Rows without which nothing goes wrong are named, with the reason, where the gadget is tried: they are no controls.
  const controls = system.rows.length - idleRows.length;
  record('all assignments', { controls, controlsWon: controls });
  return { rows: system.rows.length, wires: system.wireCount - own, ...found, idleRows };
}

/** {@link Verdict.wrong} alone, for many random parameters. */
export function wrongInputs(trial: Trial): readonly string[] {
  return allAssignments(trial, prepare(trial)).wrong;
}

interface Prepared {
  readonly system: SmallSystem;
  /** The first input wire, and the first wire of the gadget itself. */
  readonly first: number;
  readonly own: number;
  readonly outputs: readonly LinearCombination[];
}

function prepare({ prime, build, inputs }: Trial): Prepared {
  const builder = new R1csBuilder({ publicOutputCount: 0, publicInputCount: 0, prime: BigInt(prime) });
  const cs: ConstraintSystem = { builder, ranges: new RangeChecks(builder) };
  const arity = inputs[0]?.length ?? 0;
  const first = builder.allocate(arity);
  const outputs = build(cs, Array.from({ length: arity }, (_, i) => wire(first + i)));
  cs.ranges.resolve();
  return { system: smallSystem(builder.finish()), first, own: first + arity, outputs };
}

function allAssignments({ prime, inputs, expected }: Trial, { system, first, own, outputs }: Prepared): Pick<Verdict, 'wrong' | 'freeWires'> {
  const wrong: string[] = [];
  const free = new Set<number>();
  for (const input of inputs) {
    const right = rightOutput(expected(input), prime);
    const seen = new Set<string>();
    let witness: Int32Array | undefined;
    visitAssignments(system, fixedBy(first, input), (values) => {
      seen.add(outputOf(outputs, values, prime));
      witness ??= values.slice();
      for (let index = own; index < system.wireCount; index++) if (values[index] !== witness[index]) free.add(index - own);
      return false;
    });
    if (right === undefined ? seen.size > 0 : seen.size !== 1 || !seen.has(right)) wrong.push(`${input.join()}: ${[...seen].join(' or ') || 'no witness'}, not ${right ?? 'refused'}`);
  }
  record('all assignments', { tried: inputs.length, accepted: wrong.length });
  return { wrong, freeWires: [...free].sort((left, right) => left - right) };
}

/** Whether a weaker system lets another output pass, or an input that must be refused. */
function isForged({ prime, inputs, expected }: Trial, { first, outputs }: Prepared, weaker: SmallSystem): boolean {
  return inputs.some((input) => {
    const right = rightOutput(expected(input), prime);
    return visitAssignments(weaker, fixedBy(first, input), (values) => outputOf(outputs, values, prime) !== right);
  });
}

function fixedBy(first: number, input: readonly number[]): Map<number, number> {
  return new Map(input.map((value, i) => [first + i, value]));
}

function rightOutput(expected: readonly number[] | undefined, prime: number): string | undefined {
  return expected?.map((value) => ((value % prime) + prime) % prime).join();
}

function outputOf(outputs: readonly LinearCombination[], values: Int32Array, prime: number): string {
  return outputs.map((output) => evaluate(output, values, prime)).join();
}

function evaluate({ wires, coefficients }: LinearCombination, values: Int32Array, prime: number): number {
  const sum = wires.reduce((total, index, term) => total + BigInt(coefficients[term] as number | bigint) * BigInt(values[index] as number), 0n);
  const residue = Number(sum % BigInt(prime));
  return residue < 0 ? residue + prime : residue;
}

/** lo, lo + 1, …, hi, each as an input of its own. */
export function eachInteger(lo: number, hi: number): number[][] {
  return Array.from({ length: hi - lo + 1 }, (_, i) => [lo + i]);
}

/** All tuples of `count` integers in [lo, hi]. */
export function eachTuple(count: number, lo: number, hi: number): number[][] {
  let tuples: number[][] = [[]];
  for (let i = 0; i < count; i++) tuples = tuples.flatMap((tuple) => eachInteger(lo, hi).map(([value]) => [...tuple, value as number]));
  return tuples;
}

/** What is known and harmless about a gadget, with the reasons. */
export interface Exceptions {
  /** Own wires that may take several values for one input, by reason. */
  readonly free?: Readonly<Record<string, readonly number[]>>;
  /** Rows whose removal admits no forgery, by reason. */
  readonly idle?: Readonly<Record<string, readonly number[]>>;
}

/** Asserts that exactly one output, the right one, exists for each input, and that nothing but the exceptions is free or idle. */
export function assertSound(trial: Trial, { free = {}, idle = {} }: Exceptions = {}): void {
  const verdict = examine(trial);
  for (const reason of Object.keys(free)) remark('free', reason);
  for (const reason of Object.keys(idle)) remark('idle', reason);
  const sorted = (lists: Readonly<Record<string, readonly number[]>>) => Object.values(lists).flat().sort((left, right) => left - right);
  assert.deepEqual(verdict.wrong, [], 'inputs with a wrong, a second or no output');
  assert.deepEqual(verdict.freeWires, sorted(free), 'wires that may take several values');
  assert.deepEqual(verdict.idleRows, sorted(idle), 'rows without which no forgery appears');
}
