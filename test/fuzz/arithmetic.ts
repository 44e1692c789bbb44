/** Random graphs of integer operators, without any scales. */
import { newTensorData } from '../../src/onnx/elementType.js';
import type { ElementType, Tensor } from '../../src/onnx/graph.js';
import { GraphBuilder, type AttributeValue } from '../../src/onnx/testing/graphBuilder.js';
import type { RandomGraph } from './generator.js';
import type { Random } from './random.js';
import { count, int64 } from './step.js';

interface IntegerValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

interface IntegerStep {
  readonly label: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly emit: (builder: GraphBuilder, output: string) => void;
}

interface Context {
  readonly random: Random;
  readonly pool: readonly IntegerValue[];
}

type IntegerMaker = (context: Context) => IntegerStep | undefined;

/** Bitwise operators are of opset 18. */
const OPSET = 18;

const SIGNED: readonly ElementType[] = ['int8', 'int32', 'int64'];
const NUMBERS: readonly ElementType[] = ['uint8', 'int8', 'int32', 'uint32', 'int64'];

/** Values of an input or a constant: the whole range of narrow types, mostly small numbers of wide ones. */
function valuesOf(random: Random, type: ElementType, length: number): number[] {
  const range: Partial<Record<ElementType, readonly [number, number]>> = { bool: [0, 1], uint8: [0, 255], int8: [-128, 127], uint32: [0, 2 ** 32 - 1] };
  const small: readonly [number, number] = type === 'uint32' ? [0, 2000] : [-1000, 1000];
  const [lo, hi] = range[type] !== undefined && (type !== 'uint32' || random.chance(0.2)) ? range[type] : type === 'int32' && random.chance(0.2) ? ([-(2 ** 31) + 1, 2 ** 31 - 1] as const) : small;
  return random.ints(length, lo, hi);
}

function choose({ random, pool }: Context, types: readonly ElementType[]): IntegerValue | undefined {
  const fitting = pool.filter(({ type, shape }) => types.includes(type) && count(shape) <= 200);
  if (fitting.length === 0) return undefined;
  return random.chance(0.5) ? fitting.at(-1) : random.pick(fitting);
}

/** Another tensor that broadcasts to the shape of the first, or a constant. */
function partner(context: Context, { type, shape }: IntegerValue, constantOnly: boolean): { name?: string; values?: readonly number[]; shape: readonly number[] } {
  const { random, pool } = context;
  const fitting = pool.filter((other) => other.type === type && other.shape.length <= shape.length && other.shape.every((size, axis) => size === 1 || size === shape[shape.length - other.shape.length + axis]));
  if (!constantOnly && random.chance(0.7) && fitting.length > 0) return random.pick(fitting);
  const size = random.chance(0.5) ? [] : [shape.at(-1) as number];
  return { values: valuesOf(random, type, count(size)), shape: size };
}

function binary(opType: string, { types, result, attributes = {}, constant }: {
  readonly types: readonly ElementType[];
  readonly result?: ElementType;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** The second operand is a constant, its values made into these. */
  readonly constant?: (value: number, type: ElementType) => number;
}): IntegerMaker {
  return (context) => {
    const a = choose(context, types);
    if (a === undefined) return undefined;
    const b = partner(context, a, constant !== undefined);
    const values = b.values?.map((value) => (constant === undefined ? value : constant(value, a.type)));
    return {
      label: `integer ${opType}`, type: result ?? a.type, shape: a.shape,
      emit: (builder, output) => {
        if (values !== undefined) builder.constant(`${output}_b`, a.type, b.shape, values);
        builder.node(opType, [a.name, b.name ?? `${output}_b`], output, attributes);
      },
    };
  };
}

function unary(opType: string, types: readonly ElementType[]): IntegerMaker {
  return (context) => {
    const x = choose(context, types);
    return x === undefined ? undefined : { label: `integer ${opType}`, type: x.type, shape: x.shape, emit: (builder, output) => builder.node(opType, [x.name], output) };
  };
}

const cast: IntegerMaker = (context) => {
  const x = choose(context, ['bool', ...NUMBERS]);
  if (x === undefined) return undefined;
  const [to, number] = context.random.pick([['uint8', 2], ['int8', 3], ['int32', 6], ['int64', 7], ['bool', 9], ['uint32', 12]] as const);
  return { label: 'integer Cast', type: to, shape: x.shape, emit: (builder, output) => builder.node('Cast', [x.name], output, { to: number }) };
};

const where: IntegerMaker = (context) => {
  const a = choose(context, ['uint8', 'int32', 'int64']);
  if (a === undefined) return undefined;
  const condition = context.pool.find(({ type, shape }) => type === 'bool' && shape.length === a.shape.length && shape.every((size, axis) => size === a.shape[axis]));
  if (condition === undefined) return undefined;
  const b = partner(context, a, false);
  return {
    label: 'integer Where', type: a.type, shape: a.shape,
    emit: (builder, output) => {
      if (b.values !== undefined) builder.constant(`${output}_b`, a.type, b.shape, b.values);
      builder.node('Where', [condition.name, a.name, b.name ?? `${output}_b`], output);
    },
  };
};

const clip: IntegerMaker = (context) => {
  const x = choose(context, ORDERED);
  if (x === undefined) return undefined;
  const bounds = valuesOf(context.random, x.type, 2).sort((a, b) => a - b);
  return {
    label: 'integer Clip', type: x.type, shape: x.shape,
    emit: (builder, output) => {
      bounds.forEach((bound, index) => builder.constant(`${output}_bound${index}`, x.type, [], [bound]));
      builder.node('Clip', [x.name, `${output}_bound0`, `${output}_bound1`], output);
    },
  };
};

function reduce(opType: string, types: readonly ElementType[]): IntegerMaker {
  return (context) => {
    const x = choose(context, types);
    if (x === undefined) return undefined;
    const axis = context.random.int(0, x.shape.length - 1);
    return { label: `integer ${opType}`, type: x.type, shape: x.shape.map((size, at) => (at === axis ? 1 : size)), emit: (builder, output) => builder.node(opType, [x.name, int64(builder, `${output}_axes`, [axis])], output, { keepdims: 1 }) };
  };
}

const cumSum: IntegerMaker = (context) => {
  const { random } = context;
  const x = choose(context, ['int32', 'int64']);
  if (x === undefined) return undefined;
  const axis = random.int(0, x.shape.length - 1);
  const attributes = { exclusive: random.int(0, 1), reverse: random.int(0, 1) };
  return {
    label: 'integer CumSum', type: x.type, shape: x.shape,
    emit: (builder, output) => builder.constant(`${output}_axis`, 'int64', [], [axis]).node('CumSum', [x.name, `${output}_axis`], output, attributes),
  };
};

const transpose: IntegerMaker = (context) => {
  const x = choose(context, ['bool', ...NUMBERS]);
  if (x === undefined) return undefined;
  const perm = context.random.shuffled([...x.shape.keys()]);
  return { label: 'integer Transpose', type: x.type, shape: perm.map((axis) => x.shape[axis] as number), emit: (builder, output) => builder.node('Transpose', [x.name], output, { perm }) };
};

const COMPARED: readonly ElementType[] = ['int32', 'int64', 'uint8'];

/** ONNX Runtime 1.30 compares only the lower halves of 64-bit integers in Max, Min, Clip and Sign. */
const ORDERED: readonly ElementType[] = ['uint8', 'int8', 'int32', 'uint32'];

/** By operator. Divisors are constants above 0: ONNX Runtime ends the process on some quotients. */
export const INTEGER_MAKERS: Readonly<Record<string, IntegerMaker>> = {
  ...Object.fromEntries(['Add', 'Sub', 'Mul'].map((opType) => [opType, binary(opType, { types: NUMBERS })])),
  ...Object.fromEntries(['Max', 'Min'].map((opType) => [opType, binary(opType, { types: ['int32', 'uint32'] })])),
  ...Object.fromEntries(['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((opType) => [opType, binary(opType, { types: NUMBERS })])),
  ...Object.fromEntries(['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map((opType) => [opType, binary(opType, { types: COMPARED, result: 'bool' })])),
  ...Object.fromEntries(['And', 'Or', 'Xor'].map((opType) => [opType, binary(opType, { types: ['bool'] })])),
  Abs: unary('Abs', SIGNED),
  BitShift: binary('BitShift', { types: ['uint8', 'uint32'], attributes: { direction: 'RIGHT' }, constant: (value) => Math.abs(value) % 8 }),
  BitwiseNot: unary('BitwiseNot', NUMBERS),
  cast,
  clip,
  cumSum,
  Div: binary('Div', { types: NUMBERS, constant: (value) => 1 + (Math.abs(value) % 100) }),
  Mod: binary('Mod', { types: NUMBERS, constant: (value) => 1 + (Math.abs(value) % 100) }),
  Neg: unary('Neg', SIGNED),
  Not: unary('Not', ['bool']),
  Pow: binary('Pow', { types: ['int32', 'int64'], constant: () => 2 }),
  reduceMax: reduce('ReduceMax', ['uint8', 'int8', 'int32', 'int64']),
  reduceMin: reduce('ReduceMin', ['uint8', 'int8', 'int32', 'int64']),
  reduceSum: reduce('ReduceSum', ['int32', 'int64']),
  Sign: unary('Sign', ['int8', 'int32']),
  transpose,
  where,
};

/** @returns undefined when the choices led nowhere */
export function randomIntegerGraph(random: Random, makers: readonly string[], most: number): RandomGraph | undefined {
  const shape = random.pick([[random.int(1, 4), random.int(1, 12)], [random.int(1, 3), random.int(1, 4), random.int(1, 6)]]);
  const inputs = Array.from({ length: random.int(1, 3) }, (_, index): { value: IntegerValue; tensor: Tensor } => {
    const type = random.pick(['bool', ...NUMBERS] as const);
    const own = random.chance(0.8) ? shape : shape.slice(1);
    const data = newTensorData(type, count(own));
    valuesOf(random, type, data.length).forEach((value, at) => { data[at] = (typeof data[at] === 'bigint' ? BigInt(value) : value) as never; });
    return { value: { name: `x${index}`, type, shape: own }, tensor: { type, shape: own, data } };
  });
  const builder = new GraphBuilder();
  const pool: IntegerValue[] = inputs.map(({ value }) => value);
  const labels = new Map<string, string>();
  for (let attempt = 0; attempt < 4 * most && labels.size < most; attempt++) {
    const step = INTEGER_MAKERS[random.pick(makers)]?.({ random, pool });
    if (step === undefined) continue;
    const output = `t${labels.size}`;
    step.emit(builder, output);
    pool.push({ name: output, type: step.type, shape: step.shape });
    builder.output(output, step.type, step.shape);
    labels.set(output, step.label);
  }
  if (labels.size === 0) return undefined;
  const read = new Set(builder.build().nodes.flatMap((node) => node.inputs));
  const used = inputs.filter(({ value }) => read.has(value.name));
  for (const { value } of used) builder.input(value.name, value.type, value.shape);
  return { graph: builder.build(OPSET), inputs: new Map(used.map(({ value, tensor }) => [value.name, tensor])), labels };
}
