/** What a random graph of integer tensors is made of, without any scales. */
import type { ElementType } from '../../src/onnx/graph.js';
import type { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import { TYPE_RANGE, type RangedType } from '../../src/program/program.js';
import type { Random } from './random.js';
import { count } from './step.js';

export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/** A tensor of a random graph, with an interval that holds all its elements. */
export interface IntegerValue extends Interval {
  readonly name: string;
  readonly type: RangedType;
  readonly shape: readonly number[];
}

export type IntegerResult = Omit<IntegerValue, 'name'>;

/** One operator with its results, one or two. */
export interface IntegerStep {
  /** For the histogram. */
  readonly label: string;
  readonly results: readonly IntegerResult[];
  /** Writes the node, and constants and helpers under names that begin with the first output's. */
  readonly emit: (builder: GraphBuilder, outputs: readonly string[]) => void;
}

export interface IntegerContext {
  readonly random: Random;
  /** Values that steps can read, the newest last. */
  readonly pool: readonly IntegerValue[];
}

/** Makes a step, or nothing when no value of the pool suits it. */
export type IntegerMaker = (context: IntegerContext) => IntegerStep | undefined;

/** The types that ONNX Runtime's CPU kernels take, by how many of them do. */
export const EVERY: readonly RangedType[] = ['bool', 'uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64'];
export const NUMBERS: readonly RangedType[] = EVERY.filter((type) => type !== 'bool');
export const SIGNED: readonly RangedType[] = ['int8', 'int16', 'int32', 'int64'];
export const WIDE_SIGNED: readonly RangedType[] = ['int32', 'int64'];

export const MOST_ELEMENTS = 200;

/** A value of the pool of one of the types that passes, the newest with some preference. */
export function chooseValue({ random, pool }: IntegerContext, types: readonly ElementType[], suits: (value: IntegerValue) => boolean = () => true): IntegerValue | undefined {
  const fitting = pool.filter((value) => types.includes(value.type) && suits(value));
  if (fitting.length === 0) return undefined;
  return random.chance(0.4) ? fitting.at(-1) : random.pick(fitting);
}

/** Intervals of inputs and constants: all of the type, its ends, or small numbers, which is what most wide tensors hold. */
export function randomInterval(random: Random, type: RangedType): Interval {
  const whole = TYPE_RANGE[type];
  const within = (reach: number): Interval => ({ lo: Math.max(whole.lo, -reach), hi: Math.min(whole.hi, reach) });
  if (type === 'int64' || type === 'uint64') return within(random.pick([20, 1000, 1000, 2 ** 20, 2 ** 32, 2 ** 40]));
  return random.pick([whole, whole, within(5), within(100), within(1000)]);
}

/** Numbers of an interval, its ends and the numbers around 0 more often than others. */
export function valuesWithin(random: Random, length: number, { lo, hi }: Interval): number[] {
  const special = [lo, hi, -1, 0, 1].filter((value) => value >= lo && value <= hi);
  const share = random.pick([0, 0.1, 0.5]);
  return Array.from({ length }, () => (random.chance(share) ? random.pick(special) : random.int(lo, hi)));
}

/** The interval of a result of a type that wraps around, which 64-bit ones may not: undefined where one could. */
export function wrapped(type: RangedType, { lo, hi }: Interval): Interval | undefined {
  const whole = TYPE_RANGE[type];
  if (lo >= whole.lo && hi <= whole.hi) return { lo, hi };
  return type === 'int64' || type === 'uint64' ? undefined : whole;
}

/** The interval itself where it lies in the type; ONNX Runtime's reductions saturate beyond, which has no proof. */
export function guarded(type: RangedType, { lo, hi }: Interval): Interval | undefined {
  const whole = TYPE_RANGE[type];
  return lo >= whole.lo && hi <= whole.hi ? { lo, hi } : undefined;
}

/** Whether every kernel of ONNX Runtime compares such values as it should: on x86 some do so for int64 within 32 bits only. */
export function isOrdered({ type, lo, hi }: Interval & { readonly type: RangedType }): boolean {
  return type !== 'int64' || guarded('int32', { lo, hi }) !== undefined;
}

export function hullOf(intervals: readonly Interval[]): Interval {
  return { lo: Math.min(...intervals.map(({ lo }) => lo)), hi: Math.max(...intervals.map(({ hi }) => hi)) };
}

/** The hull of a function at the corners of two intervals. */
export function cornersOf(a: Interval, b: Interval, value: (x: number, y: number) => number): Interval {
  const values = [a.lo, a.hi].flatMap((x) => [b.lo, b.hi].map((y) => value(x, y)));
  return { lo: Math.min(...values), hi: Math.max(...values) };
}

/** A second operand: a value of the pool, or a constant that the step writes first. */
export interface Operand extends Interval {
  readonly shape: readonly number[];
  /** Writes the constant where it is one, and gives the name to read. */
  readonly name: (builder: GraphBuilder, prefix: string) => string;
}

/** Another value that broadcasts to the shape of the first, or a constant from an interval. */
export function partnerOf(context: IntegerContext, { type, shape }: IntegerValue, constants: Interval = randomInterval(context.random, type)): Operand {
  const { random, pool } = context;
  const fitting = pool.filter((other) => other.type === type && other.shape.length <= shape.length && other.shape.every((size, axis) => size === 1 || size === shape[shape.length - other.shape.length + axis]));
  if (fitting.length === 0 || random.chance(0.3)) return constantOperand(context, type, random.pick([[], [shape.at(-1) ?? 1], shape]), constants);
  const found = random.pick(fitting);
  return { ...found, name: () => found.name };
}

export function constantOperand({ random }: IntegerContext, type: RangedType, shape: readonly number[], interval: Interval): Operand {
  const values = valuesWithin(random, count(shape), interval);
  return {
    ...interval,
    shape,
    name: (builder, prefix) => {
      builder.constant(`${prefix}_constant`, type, shape, values);
      return `${prefix}_constant`;
    },
  };
}

export function numbersOf(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
