/** Functions of one or two integer tensors, element by element. */
import { dataTypeNumber } from '../../src/onnx/elementType.js';
import type { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import { TYPE_RANGE, type RangedType } from '../../src/program/program.js';
import {
  chooseValue, constantOperand, cornersOf, EVERY, guarded, hullOf, isOrdered, NUMBERS, partnerOf, randomInterval, SIGNED, WIDE_SIGNED, wrapped,
  type IntegerContext, type IntegerMaker, type IntegerValue, type Interval, type Operand,
} from './integerStep.js';
import type { Attributes } from './step.js';

interface BinaryOptions {
  readonly types: readonly RangedType[];
  /** The interval of the result; undefined where some results have no proof. */
  readonly interval: (a: IntegerValue, b: Interval) => Interval | undefined;
  /** Default: that of the operands. */
  readonly result?: RangedType;
  readonly attributes?: Attributes | ((context: IntegerContext) => Attributes);
  /** Where constants come from. */
  readonly constants?: (context: IntegerContext, type: RangedType) => Interval;
  /** Whether the second operand is always a constant. */
  readonly onlyConstants?: boolean;
}

function binary(opType: string, { types, interval, result, attributes = {}, constants, onlyConstants = false }: BinaryOptions): IntegerMaker {
  return (context) => {
    const a = chooseValue(context, types);
    if (a === undefined) return undefined;
    const range = constants?.(context, a.type) ?? randomInterval(context.random, a.type);
    const b = onlyConstants ? constantOperand(context, a.type, context.random.pick([[], a.shape]), range) : partnerOf(context, a, range);
    const found = interval(a, b);
    if (found === undefined) return undefined;
    const given = typeof attributes === 'function' ? attributes(context) : attributes;
    const swapped = !onlyConstants && context.random.chance(0.3) && SYMMETRIC.has(opType);
    return {
      label: `integer ${opType}`,
      results: [{ type: result ?? a.type, shape: a.shape, ...found }],
      emit: (builder, [output]) => {
        const inputs = [a.name, b.name(builder, output as string)];
        builder.node(opType, swapped ? inputs.reverse() : inputs, output as string, given);
      },
    };
  };
}

/** Operators whose operands may change places without another interval. */
const SYMMETRIC: ReadonlySet<string> = new Set(['Add', 'And', 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Max', 'Min', 'Mul', 'Or', 'Xor']);

function unary(opType: string, types: readonly RangedType[], interval: (x: IntegerValue) => Interval | undefined): IntegerMaker {
  return (context) => {
    const x = chooseValue(context, types);
    const found = x === undefined ? undefined : interval(x);
    if (x === undefined || found === undefined) return undefined;
    return { label: `integer ${opType}`, results: [{ type: x.type, shape: x.shape, ...found }], emit: (builder, [output]) => builder.node(opType, [x.name], output as string) };
  };
}

/** The narrowest two's complement, or unsigned, interval that holds both: bitwise results stay in it. */
function bits(a: Interval, b: Interval): Interval {
  const { lo, hi } = hullOf([a, b]);
  let reach = 1;
  while (reach <= Math.max(hi, -lo - 1)) reach *= 2;
  return { lo: lo < 0 ? -reach : 0, hi: reach - 1 };
}

const BOOL: Interval = { lo: 0, hi: 1 };

/**
 * A divisor that is never 0, on which ONNX Runtime ends the process: a constant, or |x| | 1 of a value, which is −1 for none.
 * @returns the divisor's interval without its sign, and how to write it
 */
function divisorOf(context: IntegerContext, a: IntegerValue): { readonly most: number; readonly name: Operand['name'] } {
  const { random } = context;
  const factor = partnerOf(context, a, { lo: 1, hi: random.pick([2, 9, 100, TYPE_RANGE[a.type].hi]) });
  if (factor.lo > 0) return { most: factor.hi, name: factor.name };
  // The one quotient that leaves its type, of the least number and −1, ends the process too.
  const negative = a.type.startsWith('int') && a.lo > TYPE_RANGE[a.type].lo && random.chance(0.3);
  return {
    most: Math.max(factor.hi, -factor.lo) + 1,
    name: (builder, prefix) => {
      const given = factor.name(builder, prefix);
      builder.constant(`${prefix}_one`, a.type, [], [1]);
      if (negative) return written(builder, 'BitwiseOr', [given, `${prefix}_one`], `${prefix}_odd`);
      const positive = a.type.startsWith('int') ? written(builder, 'Abs', [given], `${prefix}_abs`) : given;
      return written(builder, 'BitwiseOr', [positive, `${prefix}_one`], `${prefix}_odd`);
    },
  };
}

function written(builder: GraphBuilder, opType: string, inputs: readonly string[], output: string): string {
  builder.node(opType, inputs, output);
  return output;
}

function division(opType: 'Div' | 'Mod'): IntegerMaker {
  return (context) => {
    const a = chooseValue(context, NUMBERS);
    if (a === undefined) return undefined;
    const divisor = divisorOf(context, a);
    const reach = Math.max(a.hi, -a.lo);
    const fmod = context.random.int(0, 1);
    const most = opType === 'Div' ? reach : divisor.most;
    const found = wrapped(a.type, { lo: a.type.startsWith('u') ? 0 : -most, hi: most });
    if (found === undefined) return undefined;
    return {
      label: opType === 'Mod' && fmod === 1 ? 'integer Mod, sign of the dividend' : `integer ${opType}`,
      results: [{ type: a.type, shape: a.shape, ...found }],
      emit: (builder, [output]) => builder.node(opType, [a.name, divisor.name(builder, output as string)], output as string, opType === 'Mod' ? { fmod } : {}),
    };
  };
}

const cast: IntegerMaker = (context) => {
  const x = chooseValue(context, EVERY);
  if (x === undefined) return undefined;
  const to = context.random.pick(EVERY);
  const found = to === 'bool' ? BOOL : wrapped(to, x);
  // A negative number would be a uint64 beyond the 52 bits that are exact.
  if (found === undefined) return undefined;
  return { label: 'integer Cast', results: [{ type: to, shape: x.shape, ...found }], emit: (builder, [output]) => builder.node('Cast', [x.name], output as string, { to: dataTypeNumber(to) }) };
};

const where: IntegerMaker = (context) => {
  const a = chooseValue(context, ['uint8', 'int32', 'int64']);
  if (a === undefined) return undefined;
  const b = partnerOf(context, a);
  const conditions = context.pool.filter(({ type, shape }) => type === 'bool' && shape.length <= a.shape.length && shape.every((size, axis) => size === 1 || size === a.shape[a.shape.length - shape.length + axis]));
  const found = conditions.length === 0 ? undefined : context.random.pick(conditions);
  const swapped = context.random.chance(0.5);
  return {
    label: 'integer Where',
    results: [{ type: a.type, shape: a.shape, ...hullOf([a, b]) }],
    emit: (builder, [output]) => {
      const other = b.name(builder, output as string);
      const condition = found?.name ?? written(builder, 'Less', [a.name, other], `${output}_condition`);
      builder.node('Where', swapped ? [condition, other, a.name] : [condition, a.name, other], output as string);
    },
  };
};

const clip: IntegerMaker = (context) => {
  const x = chooseValue(context, ['uint8', 'int8', 'uint32', 'int32', 'uint64', 'int64'], isOrdered);
  if (x === undefined) return undefined;
  const { random } = context;
  const within = { lo: Math.max(x.lo, TYPE_RANGE.int32.lo), hi: Math.min(x.hi, TYPE_RANGE.int32.hi) };
  const bounds = [random.int(within.lo, within.hi), random.int(within.lo, within.hi)].sort((a, b) => a - b);
  const kind = random.pick(['both', 'both', 'least', 'most', 'crossed'] as const);
  if (kind === 'crossed') bounds.reverse();
  const [least, most] = bounds as [number, number];
  return {
    label: 'integer Clip',
    results: [{ type: x.type, shape: x.shape, lo: x.lo, hi: x.hi }],
    emit: (builder, [output]) => {
      builder.constant(`${output}_least`, x.type, [], [least]).constant(`${output}_most`, x.type, [], [most]);
      builder.node('Clip', [x.name, kind === 'most' ? '' : `${output}_least`, ...(kind === 'least' ? [] : [`${output}_most`])], output as string);
    },
  };
};

/** Among two or three. */
function extreme(opType: 'Max' | 'Min'): IntegerMaker {
  return (context) => {
    const a = chooseValue(context, ['uint8', 'int8', 'uint32', 'int32', 'uint64', 'int64'], isOrdered);
    if (a === undefined) return undefined;
    const others = Array.from({ length: context.random.int(1, 2) }, () => partnerOf(context, a, { lo: a.lo, hi: a.hi })).filter((operand) => isOrdered({ ...operand, type: a.type }));
    return {
      label: `integer ${opType}`,
      results: [{ type: a.type, shape: a.shape, ...hullOf([a, ...others]) }],
      emit: (builder, [output]) => builder.node(opType, [a.name, ...others.map((operand, index) => operand.name(builder, `${output}_${index}`))], output as string),
    };
  };
}

function shift(direction: 'LEFT' | 'RIGHT'): IntegerMaker {
  const WIDTH: Partial<Record<RangedType, number>> = { uint8: 8, uint32: 32, uint64: 20 };
  return (context) => {
    const x = chooseValue(context, ['uint8', 'uint32', 'uint64']);
    if (x === undefined) return undefined;
    const width = WIDTH[x.type] as number;
    const fixed = constantOperand(context, x.type, context.random.pick([[], x.shape]), { lo: 0, hi: width - 1 });
    const own = chooseValue(context, [x.type], ({ shape }) => shape.join() === x.shape.join());
    const found = direction === 'RIGHT' ? { lo: 0, hi: x.hi } : wrapped(x.type, { lo: 0, hi: x.hi * 2 ** (width - 1) });
    if (found === undefined) return undefined;
    return {
      label: `integer BitShift ${direction.toLowerCase()}`,
      results: [{ type: x.type, shape: x.shape, ...found }],
      emit: (builder, [output]) => {
        const amount = own === undefined ? fixed.name(builder, output as string) : remainder(builder, own, width, output as string);
        builder.node('BitShift', [x.name, amount], output as string, { direction });
      },
    };
  };
}

/** A value modulo a number: an index, or an amount, that is always in range. */
export function remainder(builder: GraphBuilder, { name, type, lo, hi }: IntegerValue, modulus: number, prefix: string): string {
  if (lo >= 0 && hi < modulus) return name;
  builder.constant(`${prefix}_modulus`, type, [], [modulus]);
  return written(builder, 'Mod', [name, `${prefix}_modulus`], `${prefix}_remainder`);
}

const power: IntegerMaker = (context) => {
  const x = chooseValue(context, WIDE_SIGNED);
  if (x === undefined) return undefined;
  const most = context.random.int(0, 4);
  const reach = Math.max(1, x.hi, -x.lo) ** most;
  const found = guarded(x.type, { lo: x.lo < 0 ? -reach : 0, hi: reach });
  if (found === undefined) return undefined;
  const exponents = constantOperand(context, x.type, context.random.pick([[], x.shape]), { lo: 0, hi: most });
  return { label: 'integer Pow', results: [{ type: x.type, shape: x.shape, ...found }], emit: (builder, [output]) => builder.node('Pow', [x.name, exponents.name(builder, output as string)], output as string) };
};

const compared = (opType: string) => binary(opType, { types: opType === 'Equal' ? EVERY : NUMBERS, result: 'bool', interval: () => BOOL, constants: ({ random }, type) => ({ lo: 0, hi: type === 'bool' ? 1 : random.pick([1, 20, 100]) }) });

export const INTEGER_ELEMENTWISE: Readonly<Record<string, IntegerMaker>> = {
  Abs: unary('Abs', NUMBERS, (x) => wrapped(x.type, { lo: 0, hi: Math.max(x.hi, -x.lo) })),
  Add: binary('Add', { types: NUMBERS, interval: (a, b) => wrapped(a.type, { lo: a.lo + b.lo, hi: a.hi + b.hi }) }),
  Sub: binary('Sub', { types: NUMBERS, interval: (a, b) => wrapped(a.type, { lo: a.lo - b.hi, hi: a.hi - b.lo }) }),
  Mul: binary('Mul', { types: NUMBERS, interval: (a, b) => wrapped(a.type, cornersOf(a, b, (x, y) => x * y)) }),
  ...Object.fromEntries(['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((opType) => [opType, binary(opType, { types: NUMBERS, interval: bits })])),
  ...Object.fromEntries(['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map((opType) => [opType, compared(opType)])),
  ...Object.fromEntries(['And', 'Or', 'Xor'].map((opType) => [opType, binary(opType, { types: ['bool'], interval: () => BOOL })])),
  BitwiseNot: unary('BitwiseNot', NUMBERS.filter((type) => type !== 'uint64'), (x) => (x.type.startsWith('u') ? TYPE_RANGE[x.type] : { lo: -1 - x.hi, hi: -1 - x.lo })),
  Neg: unary('Neg', SIGNED, (x) => wrapped(x.type, { lo: -x.hi, hi: -x.lo })),
  Not: unary('Not', ['bool'], () => BOOL),
  Relu: unary('Relu', ['int8', 'int32'], (x) => ({ lo: Math.max(0, x.lo), hi: Math.max(0, x.hi) })),
  Sign: unary('Sign', NUMBERS, (x) => (isOrdered(x) ? { lo: x.lo < 0 ? -1 : 0, hi: 1 } : undefined)),
  Div: division('Div'),
  Mod: division('Mod'),
  Max: extreme('Max'),
  Min: extreme('Min'),
  cast,
  clip,
  power,
  shiftLeft: shift('LEFT'),
  shiftRight: shift('RIGHT'),
  where,
};
