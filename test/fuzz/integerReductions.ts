/** Reductions, running sums, searches and matrix products of integer tensors. */
import type { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import { TYPE_RANGE, type RangedType } from '../../src/program/program.js';
import { chooseValue, cornersOf, guarded, isOrdered, WIDE_SIGNED, wrapped, type IntegerMaker, type IntegerValue, type Interval } from './integerStep.js';
import { count, int64 } from './step.js';

interface Reduced {
  readonly x: IntegerValue;
  /** How many elements each result is made of. */
  readonly elements: number;
}

/** Along one axis, several or all of them, with or without keeping their dimensions. */
function reduce(opType: string, types: readonly RangedType[], interval: (reduced: Reduced) => Interval | undefined): IntegerMaker {
  return (context) => {
    const { random } = context;
    const x = chooseValue(context, types, ({ shape }) => shape.length > 0);
    if (x === undefined) return undefined;
    const axes = random.chance(0.7) ? [random.int(0, x.shape.length - 1)] : [...x.shape.keys()].filter(() => random.chance(0.6));
    const all = axes.length === 0;
    const isReduced = (axis: number): boolean => all || axes.includes(axis);
    const keepdims = random.chance(0.8) ? 1 : 0;
    const found = interval({ x, elements: count(x.shape.filter((_, axis) => isReduced(axis))) });
    if (found === undefined) return undefined;
    const shape = keepdims === 1 ? x.shape.map((size, axis) => (isReduced(axis) ? 1 : size)) : x.shape.filter((_, axis) => !isReduced(axis));
    return {
      label: `integer ${opType}`,
      results: [{ type: x.type, shape, lo: found.lo, hi: found.hi }],
      emit: (builder, [output]) => builder.node(opType, all ? [x.name] : [x.name, int64(builder, `${output}_axes`, axes.map((axis) => (random.chance(0.3) ? axis - x.shape.length : axis)))], output as string, { keepdims }),
    };
  };
}

/** Sums are exact in double, in which ONNX Runtime may compute them. */
const EXACT = 2 ** 51;

function sum({ x: { type, lo, hi }, elements }: Reduced): Interval | undefined {
  return Math.max(hi, -lo) * elements > EXACT ? undefined : guarded(type, { lo: Math.min(lo, lo * elements), hi: Math.max(hi, hi * elements) });
}

const magnitude = (x: IntegerValue): IntegerValue => ({ ...x, lo: 0, hi: Math.max(x.hi, -x.lo) });

function cumulative(opType: 'CumSum' | 'CumProd', types: readonly RangedType[], interval: (x: IntegerValue, length: number) => Interval | undefined): IntegerMaker {
  return (context) => {
    const { random } = context;
    const x = chooseValue(context, types, ({ shape }) => shape.length > 0);
    if (x === undefined) return undefined;
    const axis = random.int(0, x.shape.length - 1);
    const found = interval(x, x.shape[axis] as number);
    if (found === undefined) return undefined;
    const attributes = { exclusive: random.int(0, 1), reverse: random.int(0, 1) };
    return {
      label: `integer ${opType}`,
      results: [{ type: x.type, shape: x.shape, ...found }],
      emit: (builder, [output]) => builder.constant(`${output}_axis`, 'int64', [], [axis]).node(opType, [x.name, `${output}_axis`], output as string, attributes),
    };
  };
}

const topK: IntegerMaker = (context) => {
  const { random } = context;
  const x = chooseValue(context, ['uint8', 'int8', 'int16', 'int32', 'int64'], ({ shape }) => shape.length > 0 && count(shape) <= 60);
  if (x === undefined) return undefined;
  const axis = random.int(0, x.shape.length - 1);
  const length = x.shape[axis] as number;
  const k = random.int(1, length);
  const shape = x.shape.map((size, at) => (at === axis ? k : size));
  const attributes = { axis, largest: random.int(0, 1) };
  return {
    label: 'integer TopK',
    results: [{ ...x, shape }, { type: 'int64', shape, lo: 0, hi: length - 1 }],
    emit: (builder, outputs) => builder.node('TopK', [x.name, int64(builder, `${outputs[0]}_k`, [k])], outputs, attributes),
  };
};

function arg(opType: 'ArgMax' | 'ArgMin', last: 0 | 1): IntegerMaker {
  return (context) => {
    const { random } = context;
    const x = chooseValue(context, ['uint8', 'int8', 'int32'], ({ shape }) => shape.length > 0);
    if (x === undefined) return undefined;
    const axis = random.int(0, x.shape.length - 1);
    const keepdims = random.int(0, 1);
    const shape = x.shape.flatMap((size, at) => (at !== axis ? [size] : keepdims === 1 ? [1] : []));
    return {
      label: `integer ${opType} of the ${last === 1 ? 'last' : 'first'}`,
      results: [{ type: 'int64', shape, lo: 0, hi: (x.shape[axis] as number) - 1 }],
      emit: (builder, [output]) => builder.node(opType, [x.name], output as string, { axis, keepdims, select_last_index: last }),
    };
  };
}

/** Both factors are computed: two values that fit, or one and itself transposed. */
const matMul: IntegerMaker = (context) => {
  const a = chooseValue(context, ['uint32', 'int32', 'uint64', 'int64'], ({ shape }) => shape.length >= 2 && count(shape) <= 40);
  if (a === undefined) return undefined;
  const inner = a.shape.at(-1) as number;
  const fitting = context.pool.filter(({ type, shape }) => type === a.type && shape.length === a.shape.length && shape.at(-2) === inner && shape.slice(0, -2).join() === a.shape.slice(0, -2).join() && count(shape) <= 40);
  const b = fitting.length === 0 ? undefined : context.random.pick(fitting);
  const product = cornersOf(a, b ?? a, (x, y) => x * y);
  const found = wrapped(a.type, { lo: Math.min(0, product.lo) * inner, hi: Math.max(0, product.hi) * inner });
  const columns = (b === undefined ? a.shape.at(-2) : b.shape.at(-1)) as number;
  const shape = [...a.shape.slice(0, -1), columns];
  if (found === undefined || count(shape) * inner > 400) return undefined;
  const perm = [...a.shape.keys()];
  perm.push(...perm.splice(-2, 1));
  return {
    label: 'integer MatMul',
    results: [{ type: a.type, shape, ...found }],
    emit: (builder: GraphBuilder, [output]) => {
      if (b === undefined) builder.node('Transpose', [a.name], `${output}_transposed`, { perm });
      builder.node('MatMul', [a.name, b?.name ?? `${output}_transposed`], output as string);
    },
  };
};

const EXTREMES: readonly RangedType[] = ['bool', 'uint8', 'int8', 'int32', 'int64'];

export const INTEGER_REDUCTIONS: Readonly<Record<string, IntegerMaker>> = {
  ReduceMax: reduce('ReduceMax', EXTREMES, ({ x }) => (isOrdered(x) ? x : undefined)),
  ReduceMin: reduce('ReduceMin', EXTREMES, ({ x }) => (isOrdered(x) ? x : undefined)),
  ReduceSum: reduce('ReduceSum', WIDE_SIGNED, sum),
  ReduceMean: reduce('ReduceMean', WIDE_SIGNED, ({ x, elements }) => (Math.max(x.hi, -x.lo) * elements > EXACT ? undefined : { lo: Math.min(0, x.lo), hi: Math.max(0, x.hi) })),
  ReduceL1: reduce('ReduceL1', WIDE_SIGNED, ({ x, elements }) => sum({ x: magnitude(x), elements })),
  ReduceSumSquare: reduce('ReduceSumSquare', WIDE_SIGNED, ({ x, elements }) => {
    const { hi } = magnitude(x);
    return hi * hi > TYPE_RANGE[x.type].hi ? undefined : sum({ x: { ...x, lo: 0, hi: hi * hi }, elements });
  }),
  ReduceProd: reduce('ReduceProd', WIDE_SIGNED, ({ x, elements }) => {
    const reach = Math.max(1, magnitude(x).hi) ** elements;
    return reach > EXACT ? undefined : guarded(x.type, { lo: x.lo < 0 ? -reach : 0, hi: reach });
  }),
  argMaxFirst: arg('ArgMax', 0),
  argMaxLast: arg('ArgMax', 1),
  argMinFirst: arg('ArgMin', 0),
  argMinLast: arg('ArgMin', 1),
  cumSum: cumulative('CumSum', WIDE_SIGNED, (x, length) => wrapped(x.type, { lo: Math.min(0, x.lo * length), hi: Math.max(0, x.hi * length) })),
  matMul,
  topK,
};
