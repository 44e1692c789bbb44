/** Operators that move elements, pool them, reduce them or look for the largest. */
import type { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import { randomGeometry } from './layers.js';
import { count, dequantized, floatStep, int64, operand, parameters, quantizedInputs, type Attributes, type QuantizedValue, type StepContext, type StepMaker, type Value } from './step.js';

interface Moved {
  readonly opType: string;
  readonly operands: readonly Value[];
  readonly shape: readonly number[];
  readonly attributes?: Attributes;
  /** Constant inputs after the operands; '' leaves one out. */
  readonly constants?: (builder: GraphBuilder, output: string) => readonly string[];
}

/** The same node on floats and on integers. */
function move({ opType, operands, shape, attributes = {}, constants = () => [] }: Moved, { random, style }: StepContext) {
  const node = (builder: GraphBuilder, inputs: readonly string[], output: string) => builder.node(opType, [...inputs, ...constants(builder, output)], output, attributes);
  return floatStep({
    label: opType, operands, shape, keeps: style === 'qoperator' || random.chance(0.7), float: node,
    integer: (builder, given, output) => node(builder, given.map(({ name }) => name), output.name),
  }, style);
}

function moving(make: (context: StepContext, x: Value) => Omit<Moved, 'operands'> | undefined, suits?: (value: Value) => boolean): StepMaker {
  return (context) => {
    const x = operand(context, suits);
    const moved = x === undefined ? undefined : make(context, x);
    return x === undefined || moved === undefined ? undefined : move({ ...moved, operands: [x] }, context);
  };
}

const flat = (x: Value, axis: number) => [count(x.shape.slice(0, axis)), count(x.shape.slice(axis))];

const reshape = moving(({ random }, x) => {
  const shape = flat(x, random.int(0, x.shape.length));
  return { opType: 'Reshape', shape, constants: (builder, output) => [int64(builder, `${output}_shape`, shape)] };
});

const flatten = moving(({ random }, x) => {
  const axis = random.int(0, x.shape.length);
  return { opType: 'Flatten', shape: flat(x, axis), attributes: { axis } };
});

const transpose = moving(({ random }, x) => {
  const perm = random.shuffled([...x.shape.keys()]);
  return { opType: 'Transpose', shape: perm.map((axis) => x.shape[axis] as number), attributes: { perm } };
});

const unsqueeze = moving(({ random }, x) => {
  const axis = random.int(0, x.shape.length);
  return { opType: 'Unsqueeze', shape: [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)], constants: (builder, output) => [int64(builder, `${output}_axes`, [axis])] };
}, ({ shape }) => shape.length < 4);

const squeeze = moving((_, x) => {
  const axis = x.shape.indexOf(1);
  return { opType: 'Squeeze', shape: x.shape.filter((_size, at) => at !== axis), constants: (builder, output) => [int64(builder, `${output}_axes`, [axis])] };
}, ({ shape }) => shape.length > 2 && shape.includes(1));

const slice = moving(({ random }, x) => {
  const axis = random.int(0, x.shape.length - 1);
  const size = x.shape[axis] as number;
  const start = random.int(0, size - 1);
  const step = random.int(1, 2);
  const length = Math.ceil((size - start) / step);
  const shape = x.shape.map((own, at) => (at === axis ? length : own));
  return { opType: 'Slice', shape, constants: (builder, output) => [[start], [size], [axis], [step]].map((values, index) => int64(builder, `${output}_${index}`, values)) };
});

const gather = moving(({ random }, x) => {
  const axis = random.int(0, x.shape.length - 1);
  const size = x.shape[axis] as number;
  const indices = random.ints(random.int(1, 4), -size, size - 1);
  return { opType: 'Gather', shape: x.shape.map((own, at) => (at === axis ? indices.length : own)), attributes: { axis }, constants: (builder, output) => [int64(builder, `${output}_indices`, indices)] };
});

const tile = moving(({ random }, x) => {
  const repeats = x.shape.map(() => random.int(1, 2));
  return { opType: 'Tile', shape: x.shape.map((size, axis) => size * (repeats[axis] as number)), constants: (builder, output) => [int64(builder, `${output}_repeats`, repeats)] };
}, ({ shape }) => count(shape) <= 24);

const expand = moving(({ random }, x) => {
  const shape = x.shape.map((size) => (size === 1 ? random.int(1, 4) : size));
  return { opType: 'Expand', shape, constants: (builder, output) => [int64(builder, `${output}_shape`, shape)] };
}, ({ shape }) => shape.includes(1) && count(shape) <= 32);

const depthToSpace = moving(({ random }, { shape: [batch, channels, height, width] }) => ({
  opType: 'DepthToSpace', shape: [batch as number, (channels as number) / 4, (height as number) * 2, (width as number) * 2], attributes: { blocksize: 2, mode: random.pick(['DCR', 'CRD']) },
}), ({ shape }) => shape.length === 4 && (shape[1] as number) % 4 === 0);

const spaceToDepth = moving((_, { shape: [batch, channels, height, width] }) => ({
  opType: 'SpaceToDepth', shape: [batch as number, (channels as number) * 4, (height as number) / 2, (width as number) / 2], attributes: { blocksize: 2 },
}), ({ shape }) => shape.length === 4 && shape.slice(2).every((size) => size % 2 === 0));

const resize = moving(({ random }, x) => {
  const scales = [1, 1, random.int(1, 2), random.int(1, 2)];
  return {
    opType: 'Resize', shape: x.shape.map((size, axis) => size * (scales[axis] as number)), attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    constants: (builder, output) => {
      builder.constant(`${output}_scales`, 'float32', [4], scales);
      return ['', `${output}_scales`];
    },
  };
}, ({ shape }) => shape.length === 4 && count(shape) <= 60);

const pad: StepMaker = (context) => {
  const { random } = context;
  const x = operand(context, ({ shape }) => count(shape) <= 100);
  if (x === undefined) return undefined;
  const mode = random.pick(['constant', 'edge', 'reflect']);
  const most = (axis: number) => (mode === 'reflect' ? Math.min(1, (x.shape[axis] as number) - 1) : 1);
  const before = x.shape.map((_, axis) => random.int(0, most(axis)));
  const after = x.shape.map((_, axis) => random.int(0, most(axis)));
  return move({
    opType: 'Pad', operands: [x], shape: x.shape.map((size, axis) => size + (before[axis] as number) + (after[axis] as number)), attributes: { mode },
    constants: (builder, output) => [int64(builder, `${output}_pads`, [...before, ...after])],
  }, context);
};

const concat: StepMaker = (context) => {
  const { random } = context;
  const a = operand(context, ({ shape }) => count(shape) <= 100);
  if (a === undefined) return undefined;
  const axis = random.int(0, a.shape.length - 1);
  const b = operand(context, ({ type, shape }) => type === a.type && shape.length === a.shape.length && count(shape) <= 100 && shape.every((size, at) => at === axis || size === a.shape[at]));
  if (b === undefined) return undefined;
  const operands = [a, b];
  return floatStep({
    label: context.style === 'qoperator' ? 'QLinearConcat' : 'Concat', operands, shape: a.shape.map((size, at) => (at === axis ? size + (b.shape[axis] as number) : size)),
    float: (builder, inputs, output) => builder.node('Concat', inputs, output, { axis }),
    integer: (builder, given, output) => builder.node('QLinearConcat', [...parameters(builder, output as QuantizedValue, `${output.name}_y`), ...given.flatMap((value, index) => quantizedInputs(builder, value, `${output.name}_${index}`))], output.name, { axis }, 'com.microsoft'),
  }, context.style);
};

/** Concat of a tensor with itself: no quantization changes. */
const repeat: StepMaker = (context) => {
  const x = operand(context, ({ shape }) => count(shape) <= 60);
  if (x === undefined) return undefined;
  const axis = context.random.int(0, x.shape.length - 1);
  return move({ opType: 'Concat', operands: [x, x], shape: x.shape.map((size, at) => (at === axis ? 2 * size : size)), attributes: { axis } }, context);
};

const isImage = ({ shape }: Value) => shape.length >= 3;

const maxPool = moving(({ random }, x) => {
  const geometry = randomGeometry(random, x.shape.slice(2), false);
  if (geometry === undefined) return undefined;
  return { opType: 'MaxPool', shape: [...x.shape.slice(0, 2), ...geometry.spatial], attributes: geometry.attributes };
}, isImage);

const averagePool: StepMaker = (context) => {
  const x = operand(context, isImage);
  const geometry = x === undefined ? undefined : randomGeometry(context.random, x.shape.slice(2), false);
  if (x === undefined || geometry === undefined) return undefined;
  const attributes = { ...Object.fromEntries(Object.entries(geometry.attributes).filter(([name]) => name !== 'dilations')), count_include_pad: context.random.int(0, 1) };
  return floatStep({
    label: context.style === 'qoperator' ? 'QLinearAveragePool' : 'AveragePool', operands: [x], shape: [...x.shape.slice(0, 2), ...geometry.spatial],
    float: (builder, inputs, output) => builder.node('AveragePool', inputs, output, attributes),
    integer: (builder, [given], output) => builder.node('QLinearAveragePool', [...quantizedInputs(builder, given as QuantizedValue, `${output.name}_x`), ...parameters(builder, output as QuantizedValue, `${output.name}_y`)], output.name, attributes, 'com.microsoft'),
  }, context.style);
};

const globalAveragePool: StepMaker = (context) => {
  const x = operand(context, isImage);
  if (x === undefined) return undefined;
  return floatStep({
    label: context.style === 'qoperator' ? 'QLinearGlobalAveragePool' : 'GlobalAveragePool', operands: [x], shape: x.shape.map((size, axis) => (axis < 2 ? size : 1)),
    float: (builder, inputs, output) => builder.node('GlobalAveragePool', inputs, output),
    integer: (builder, [given], output) => builder.node('QLinearGlobalAveragePool', [...quantizedInputs(builder, given as QuantizedValue, `${output.name}_x`), ...parameters(builder, output as QuantizedValue, `${output.name}_y`)], output.name, { channels_last: 0 }, 'com.microsoft'),
  }, context.style);
};

function reduce(opType: string): StepMaker {
  return moving(({ random }, x) => {
    const axis = random.int(0, x.shape.length - 1);
    return { opType, shape: x.shape.map((size, at) => (at === axis ? 1 : size)), attributes: { keepdims: 1 }, constants: (builder, output) => [int64(builder, `${output}_axes`, [axis])] };
  });
}

const reduceMean: StepMaker = (context) => {
  const x = operand(context);
  if (x === undefined) return undefined;
  const axis = context.random.int(0, x.shape.length - 1);
  return floatStep({
    label: context.style === 'qoperator' ? 'QLinearReduceMean' : 'ReduceMean', operands: [x], shape: x.shape.map((size, at) => (at === axis ? 1 : size)),
    float: (builder, inputs, output) => builder.node('ReduceMean', [...inputs, int64(builder, `${output}_axes`, [axis])], output, { keepdims: 1 }),
    integer: (builder, [given], output) => builder.node('QLinearReduceMean', [...quantizedInputs(builder, given as QuantizedValue, `${output.name}_x`), ...parameters(builder, output as QuantizedValue, `${output.name}_y`)], output.name, { axes: [axis], keepdims: 1 }, 'com.microsoft'),
  }, context.style);
};

function arg(opType: string): StepMaker {
  return (context) => {
    const { random, style } = context;
    const x = operand(context);
    if (x === undefined) return undefined;
    const axis = random.int(0, x.shape.length - 1);
    const attributes = { axis, keepdims: 1, select_last_index: random.int(0, 1) };
    return {
      label: style === 'qoperator' ? opType : `QDQ ${opType}`, operands: [x], shape: x.shape.map((size, at) => (at === axis ? 1 : size)), type: 'int64', quantization: 'none',
      emit: (builder, [given], { name }) => {
        builder.node(opType, [style === 'qdq' ? dequantized(builder, given as QuantizedValue) : x.name], name, attributes);
      },
    };
  };
}

/** The first of two parts; the other one is not used. */
const split: StepMaker = (context) => {
  const x = operand(context, ({ shape }) => (shape.at(-1) as number) >= 2);
  if (x === undefined) return undefined;
  const size = x.shape.at(-1) as number;
  const first = context.random.int(1, size - 1);
  const node = (builder: GraphBuilder, input: string, output: string) => builder.node('Split', [input, int64(builder, `${output}_sizes`, [first, size - first])], [output, `${output}_rest`], { axis: -1 });
  return floatStep({
    label: 'Split', operands: [x], shape: [...x.shape.slice(0, -1), first], keeps: true,
    float: (builder, [input], output) => node(builder, input as string, output),
    integer: (builder, [given], { name }) => node(builder, (given as QuantizedValue).name, name),
  }, context.style);
};

const gatherElements = moving(({ random }, x) => {
  const axis = random.int(0, x.shape.length - 1);
  const size = x.shape[axis] as number;
  const indices = random.ints(count(x.shape), -size, size - 1);
  return { opType: 'GatherElements', shape: x.shape, attributes: { axis }, constants: (builder, output) => [builder.constant(`${output}_indices`, 'int64', x.shape, indices) && `${output}_indices`] };
}, ({ shape }) => count(shape) <= 100);

export const MOVEMENT: Readonly<Record<string, StepMaker>> = {
  argMax: arg('ArgMax'), argMin: arg('ArgMin'),
  averagePool, concat, depthToSpace, expand, flatten, gather, gatherElements, globalAveragePool, maxPool, pad, reduceMean, repeat, reshape, resize, slice, spaceToDepth, split, squeeze, tile, transpose, unsqueeze,
  reduceMax: reduce('ReduceMax'), reduceMin: reduce('ReduceMin'),
};
