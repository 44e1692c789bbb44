/** Operators that move the elements of integer tensors, by constants or by computed indices. */
import type { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import { remainder } from './integerElementwise.js';
import { chooseValue, constantOperand, EVERY, hullOf, MOST_ELEMENTS, numbersOf, randomInterval, type IntegerContext, type IntegerMaker, type IntegerValue } from './integerStep.js';
import { count, int64, type Attributes } from './step.js';

interface Moved {
  readonly label?: string;
  readonly shape: readonly number[];
  readonly attributes?: Attributes;
  /** Inputs after the tensor. */
  readonly inputs?: (builder: GraphBuilder, output: string) => readonly string[];
  /** Elements that come from elsewhere. */
  readonly others?: { readonly lo: number; readonly hi: number };
}

function moving(opType: string, make: (context: IntegerContext, x: IntegerValue) => Moved | undefined, suits: (x: IntegerValue) => boolean = () => true): IntegerMaker {
  return (context) => {
    const x = chooseValue(context, EVERY, (value) => value.shape.length > 0 && suits(value));
    const moved = x === undefined ? undefined : make(context, x);
    if (x === undefined || moved === undefined || count(moved.shape) > MOST_ELEMENTS) return undefined;
    const { label = opType, shape, attributes = {}, inputs = () => [], others } = moved;
    return {
      label: `integer ${label}`,
      results: [{ type: x.type, shape, ...(others === undefined ? { lo: x.lo, hi: x.hi } : hullOf([x, others])) }],
      emit: (builder, [output]) => builder.node(opType, [x.name, ...inputs(builder, output as string)], output as string, attributes),
    };
  };
}

const transpose = moving('Transpose', ({ random }, x) => {
  const perm = random.shuffled(numbersOf(x.shape.length));
  return { shape: perm.map((axis) => x.shape[axis] as number), attributes: { perm } };
});

const reshape = moving('Reshape', ({ random }, x) => {
  const axis = random.int(0, x.shape.length);
  const shape = [count(x.shape.slice(0, axis)), count(x.shape.slice(axis))];
  return { shape, inputs: (builder, output) => [int64(builder, `${output}_shape`, shape)] };
});

const slice = moving('Slice', ({ random }, x) => {
  const axis = random.int(0, x.shape.length - 1);
  const size = x.shape[axis] as number;
  const start = random.int(0, size - 1);
  const backwards = random.chance(0.3);
  const step = random.int(1, 2);
  const length = Math.ceil((backwards ? start + 1 : size - start) / step);
  const bounds = backwards ? [[start], [-size - 1], [axis], [-step]] : [[start], [size], [axis], [step]];
  return { shape: x.shape.map((own, at) => (at === axis ? length : own)), inputs: (builder, output) => bounds.map((values, index) => int64(builder, `${output}_${index}`, values)) };
});

const tile = moving('Tile', ({ random }, x) => {
  const repeats = x.shape.map(() => random.int(1, 2));
  return { shape: x.shape.map((size, axis) => size * (repeats[axis] as number)), inputs: (builder, output) => [int64(builder, `${output}_repeats`, repeats)] };
}, ({ shape }) => count(shape) <= 40);

const expand = moving('Expand', ({ random }, x) => {
  const shape = [...(random.chance(0.3) ? [random.int(1, 2)] : []), ...x.shape.map((size) => (size === 1 ? random.int(1, 4) : size))];
  return { shape, inputs: (builder, output) => [int64(builder, `${output}_shape`, shape)] };
}, ({ shape }) => shape.length < 4);

const pad = moving('Pad', (context, x) => {
  const { random } = context;
  const mode = random.pick(['constant', 'edge', 'wrap']);
  const before = x.shape.map(() => random.int(0, 1));
  const after = x.shape.map(() => random.int(0, 1));
  const fill = constantOperand(context, x.type, [], randomInterval(random, x.type));
  return {
    shape: x.shape.map((size, axis) => size + (before[axis] as number) + (after[axis] as number)),
    attributes: { mode },
    inputs: (builder, output) => [int64(builder, `${output}_pads`, [...before, ...after]), ...(mode === 'constant' ? [fill.name(builder, output)] : [])],
    others: mode === 'constant' ? fill : x,
  };
}, ({ type, shape }) => !type.endsWith('16') && count(shape) <= 60);

const concat: IntegerMaker = (context) => {
  const a = chooseValue(context, EVERY, ({ shape }) => shape.length > 0 && count(shape) <= 100);
  if (a === undefined) return undefined;
  const axis = context.random.int(0, a.shape.length - 1);
  const b = context.random.pick(context.pool.filter(({ type, shape }) => type === a.type && shape.length === a.shape.length && count(shape) <= 100 && shape.every((size, at) => at === axis || size === a.shape[at])));
  return {
    label: 'integer Concat',
    results: [{ type: a.type, shape: a.shape.map((size, at) => (at === axis ? size + (b.shape[axis] as number) : size)), ...hullOf([a, b]) }],
    emit: (builder, [output]) => builder.node('Concat', [a.name, b.name], output as string, { axis }),
  };
};

/** Along the last axis, in two. */
const split: IntegerMaker = (context) => {
  const x = chooseValue(context, EVERY, ({ shape }) => shape.length > 0 && (shape.at(-1) as number) >= 2);
  if (x === undefined) return undefined;
  const size = x.shape.at(-1) as number;
  const first = context.random.int(1, size - 1);
  const part = (length: number) => ({ type: x.type, shape: [...x.shape.slice(0, -1), length], lo: x.lo, hi: x.hi });
  return {
    label: 'integer Split',
    results: [part(first), part(size - first)],
    emit: (builder, outputs) => builder.node('Split', [x.name, int64(builder, `${outputs[0]}_sizes`, [first, size - first])], outputs, { axis: -1 }),
  };
};

const scatterElements = moving('ScatterElements', (context, x) => {
  const { random } = context;
  const axis = random.int(0, x.shape.length - 1);
  const size = x.shape[axis] as number;
  const updated = random.int(1, size);
  const shape = x.shape.map((own, at) => (at === axis ? updated : own));
  // No index twice along the axis.
  const order = random.shuffled(numbersOf(size));
  const inner = count(x.shape.slice(axis + 1));
  const indices = Array.from({ length: count(shape) }, (_, i) => order[Math.floor(i / inner) % updated] as number);
  const updates = constantOperand(context, x.type, shape, { lo: x.lo, hi: x.hi });
  return {
    shape: x.shape,
    attributes: { axis },
    inputs: (builder, output) => {
      builder.constant(`${output}_indices`, 'int64', shape, indices);
      return [`${output}_indices`, updates.name(builder, output)];
    },
  };
}, ({ shape }) => count(shape) <= 100);

/** The value whose elements, modulo a size, are indices. */
function indicesOf(context: IntegerContext, most: number): IntegerValue | undefined {
  return chooseValue(context, ['int32', 'int64'], ({ shape }) => count(shape) <= most);
}

const MOST_PLACES = 16;

function gather(proven: boolean): IntegerMaker {
  return moving('Gather', (context, x) => {
    const { random } = context;
    const axis = random.int(0, x.shape.length - 1);
    const size = x.shape[axis] as number;
    const around = (shape: readonly number[]) => [...x.shape.slice(0, axis), ...shape, ...x.shape.slice(axis + 1)];
    if (!proven) {
      const shape = random.pick([[], [random.int(1, 5)], [2, random.int(1, 3)]]);
      const values = random.ints(count(shape), -size, size - 1);
      const type = random.pick(['int32', 'int64'] as const);
      return { label: 'Gather by constants', shape: around(shape), attributes: { axis }, inputs: (builder, output) => [builder.constant(`${output}_indices`, type, shape, values) && `${output}_indices`] };
    }
    const index = indicesOf(context, 30);
    if (index === undefined || size > MOST_PLACES || around(index.shape).length > 5) return undefined;
    return { label: 'Gather by computed indices', shape: around(index.shape), attributes: { axis }, inputs: (builder, output) => [remainder(builder, index, size, output)] };
  }, ({ shape }) => count(shape) <= 60);
}

function gatherElements(proven: boolean): IntegerMaker {
  return moving('GatherElements', (context, x) => {
    const { random } = context;
    const axis = random.int(0, x.shape.length - 1);
    const size = x.shape[axis] as number;
    if (!proven) {
      const shape = x.shape.map((own, at) => (at === axis ? random.int(1, size + 1) : random.int(1, own)));
      const values = random.ints(count(shape), -size, size - 1);
      return { label: 'GatherElements by constants', shape, attributes: { axis }, inputs: (builder, output) => [builder.constant(`${output}_indices`, 'int64', shape, values) && `${output}_indices`] };
    }
    const index = chooseValue(context, ['int32', 'int64'], ({ shape }) => shape.length === x.shape.length && shape.every((own, at) => at === axis || own <= (x.shape[at] as number)) && count(shape) <= 60);
    if (index === undefined || size > MOST_PLACES) return undefined;
    return { label: 'GatherElements by computed indices', shape: index.shape, attributes: { axis }, inputs: (builder, output) => [remainder(builder, index, size, output)] };
  }, ({ shape }) => count(shape) <= 60);
}

function gatherND(proven: boolean): IntegerMaker {
  return moving('GatherND', (context, x) => {
    const { random } = context;
    const depth = random.int(1, x.shape.length);
    const sizes = x.shape.slice(0, depth);
    if (!proven) {
      const rows = random.int(1, 4);
      const values = Array.from({ length: rows }, () => sizes.map((size) => random.int(-size, size - 1))).flat();
      return { label: 'GatherND by constants', shape: [rows, ...x.shape.slice(depth)], inputs: (builder, output) => [builder.constant(`${output}_indices`, 'int64', [rows, depth], values) && `${output}_indices`] };
    }
    // Any numbers make tuples: each modulo the least size, for one modulus must do.
    const index = chooseValue(context, ['int64'], ({ shape }) => count(shape) % depth === 0 && count(shape) <= 30);
    if (index === undefined || count(sizes) > MOST_PLACES) return undefined;
    const tuples = [count(index.shape) / depth, depth];
    return {
      label: 'GatherND by computed indices',
      shape: [...tuples.slice(0, 1), ...x.shape.slice(depth)],
      inputs: (builder, output) => {
        builder.node('Reshape', [remainder(builder, index, Math.min(...sizes), output), int64(builder, `${output}_tuples`, tuples)], `${output}_indices`);
        return [`${output}_indices`];
      },
    };
  }, ({ shape }) => count(shape) <= 60);
}

const oneHot: IntegerMaker = (context) => {
  const { random } = context;
  const index = chooseValue(context, ['int64'], ({ shape }) => count(shape) <= 30 && shape.length > 0 && shape.length < 4);
  if (index === undefined) return undefined;
  const depth = random.int(1, 6);
  const axis = random.int(0, index.shape.length);
  const [off, on] = random.ints(2, -50, 50) as [number, number];
  const isReduced = random.chance(0.7);
  return {
    label: 'integer OneHot',
    results: [{ type: 'int64', shape: [...index.shape.slice(0, axis), depth, ...index.shape.slice(axis)], lo: Math.min(off, on), hi: Math.max(off, on) }],
    emit: (builder, [output]) => {
      const name = isReduced ? remainder(builder, index, depth, output as string) : index.name;
      builder.constant(`${output}_depth`, 'int64', [], [depth]).constant(`${output}_values`, 'int64', [2], [off, on]);
      builder.node('OneHot', [name, `${output}_depth`, `${output}_values`], output as string, { axis });
    },
  };
};

const unsqueeze = moving('Unsqueeze', ({ random }, x) => {
  const axis = random.int(0, x.shape.length);
  return { shape: [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)], inputs: (builder, output) => [int64(builder, `${output}_axes`, [axis])] };
}, ({ shape }) => shape.length < 4);

const squeeze = moving('Squeeze', (_, x) => {
  const axis = x.shape.indexOf(1);
  return { shape: x.shape.filter((_size, at) => at !== axis), inputs: (builder, output) => [int64(builder, `${output}_axes`, [axis])] };
}, ({ shape }) => shape.includes(1));

const trilu = moving('Trilu', ({ random }, x) => ({
  shape: x.shape,
  attributes: { upper: random.int(0, 1) },
  inputs: (builder, output) => [builder.constant(`${output}_k`, 'int64', [], [random.int(-2, 2)]) && `${output}_k`],
  others: { lo: 0, hi: 0 },
}), ({ type, shape }) => ['bool', 'int32', 'int64'].includes(type) && shape.length >= 2);

export const INTEGER_MOVEMENT: Readonly<Record<string, IntegerMaker>> = {
  concat, expand, pad, oneHot, reshape, scatterElements, slice, split, squeeze, tile, transpose, trilu, unsqueeze,
  gatherComputed: gather(true), gatherConstant: gather(false),
  gatherElementsComputed: gatherElements(true), gatherElementsConstant: gatherElements(false),
  gatherNDComputed: gatherND(true), gatherNDConstant: gatherND(false),
};
