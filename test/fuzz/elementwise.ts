/** Functions of one tensor or of two, element by element. */
import type { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import { randomScale } from './layers.js';
import { count, dequantized, floatStep, operand, parameters, quantize, quantizedInputs, RANGE, type Attributes, type QuantizedValue, type StepMaker, type Value } from './step.js';

/** Elements of a function of two tensors, each of which can be a table of 65,536 entries. */
const MOST_PAIRS = 48;

interface UnaryOptions {
  readonly attributes?: Attributes;
  /** The com.microsoft operator that takes the same attributes. */
  readonly integer?: string;
}

function unary(opType: string, { attributes = {}, integer }: UnaryOptions = {}): StepMaker {
  return (context) => {
    const x = operand(context);
    if (x === undefined) return undefined;
    return floatStep({
      label: context.style === 'qoperator' ? (integer ?? opType) : opType, operands: [x], shape: x.shape,
      float: (builder, inputs, output) => builder.node(opType, inputs, output, attributes),
      ...(integer === undefined ? {} : {
        integer: (builder: GraphBuilder, [given]: readonly QuantizedValue[], output: { name: string }) =>
          builder.node(integer, [...quantizedInputs(builder, given as QuantizedValue, `${output.name}_x`), ...parameters(builder, output as QuantizedValue, `${output.name}_y`)], output.name, attributes, 'com.microsoft'),
      }),
    }, context.style);
  };
}

/** Relu that keeps the quantization of its operand or takes a new one; QDQ only. */
const clip: StepMaker = (context) => {
  const x = operand(context);
  if (x === undefined) return undefined;
  const { random } = context;
  const bounds = [-(random.unit() * 4), random.unit() * 4].map(Math.fround);
  const { lo, hi } = RANGE[x.type];
  const integerBounds = [random.int(lo, lo + 100), random.int(hi - 100, hi)];
  return floatStep({
    label: 'Clip', operands: [x], shape: x.shape, keeps: context.style === 'qoperator',
    float: (builder, [input], output) => {
      bounds.forEach((bound, index) => builder.constant(`${output}_bound${index}`, 'float32', [], [bound]));
      builder.node('Clip', [input as string, `${output}_bound0`, `${output}_bound1`], output);
    },
    integer: (builder, [given], { name }) => {
      integerBounds.forEach((bound, index) => builder.constant(`${name}_bound${index}`, x.type, [], [bound]));
      builder.node('Clip', [(given as QuantizedValue).name, `${name}_bound0`, `${name}_bound1`], name);
    },
  }, context.style);
};

/** Functions that are not defined everywhere, after what makes their operands fit. */
function guardedUnary(opType: 'Log' | 'Reciprocal' | 'Sqrt'): StepMaker {
  return (context) => {
    const x = operand(context);
    if (x === undefined || context.style === 'qoperator') return undefined;
    const least = context.random.pick([0.25, 0.5, 1]);
    return floatStep({
      label: opType, operands: [x], shape: x.shape,
      float: (builder, [input], output) => {
        builder.constant(`${output}_least`, 'float32', [], [least]).node('Abs', [input as string], `${output}_abs`).node('Add', [`${output}_abs`, `${output}_least`], `${output}_positive`);
        builder.node(opType, [`${output}_positive`], output);
      },
    }, context.style);
  };
}

const power: StepMaker = (context) => {
  const x = operand(context);
  if (x === undefined || context.style === 'qoperator') return undefined;
  const exponent = context.random.pick([2, 2, 3]);
  return floatStep({ label: 'Pow', operands: [x], shape: x.shape, float: (builder, [input], output) => builder.constant(`${output}_exponent`, 'float32', [], [exponent]).node('Pow', [input as string, `${output}_exponent`], output) }, context.style);
};

/** One slope for all, or one for each channel. */
const prelu: StepMaker = (context) => {
  const x = operand(context, ({ shape }) => shape.length >= 2);
  if (x === undefined || context.style === 'qoperator') return undefined;
  const { random } = context;
  const shape = random.chance(0.5) ? [1] : [x.shape[1] as number, ...x.shape.slice(2).map(() => 1)];
  const slopes = Array.from({ length: count(shape) }, () => Math.fround(random.unit() - 0.25));
  return floatStep({ label: 'PRelu', operands: [x], shape: x.shape, float: (builder, [input], output) => builder.constant(`${output}_slope`, 'float32', shape, slopes).node('PRelu', [input as string, `${output}_slope`], output) }, context.style);
};

/** Of a tensor on its own: with a layer before it, it is folded into that one's weights. */
const batchNormalization: StepMaker = (context) => {
  const x = operand(context, ({ shape }) => shape.length >= 2);
  if (x === undefined || context.style === 'qoperator') return undefined;
  const channels = x.shape[1] as number;
  const values = (lo: number, hi: number): number[] => Array.from({ length: channels }, () => Math.fround(lo + context.random.unit() * (hi - lo)));
  const constants = [values(0.5, 2), values(-1, 1), values(-1, 1), values(0.5, 2)];
  return floatStep({
    label: 'BatchNormalization', operands: [x], shape: x.shape,
    float: (builder, [input], output) => {
      constants.forEach((each, index) => builder.constant(`${output}_statistic${index}`, 'float32', [channels], each));
      builder.node('BatchNormalization', [input as string, ...constants.map((_, index) => `${output}_statistic${index}`)], output, { epsilon: { float: 0.001 } });
    },
  }, context.style);
};

/** Sum or Mean of two or three tensors of one shape. */
function several(opType: 'Mean' | 'Sum'): StepMaker {
  return (context) => {
    const x = operand(context, ({ shape }) => count(shape) <= MOST_PAIRS);
    if (x === undefined || context.style === 'qoperator') return undefined;
    const same = ({ type, shape }: Value) => type === x.type && shape.join() === x.shape.join();
    const operands = [x, ...Array.from({ length: context.random.int(1, 2) }, () => operand(context, same) as Value)];
    return floatStep({ label: `${opType} of ${operands.length}`, operands, shape: x.shape, float: (builder, inputs, output) => builder.node(opType, inputs, output) }, context.style);
  };
}

/** Where a value exceeds a constant it stays, elsewhere another one is taken; QLinearWhere, or Where of floats. */
const where: StepMaker = (context) => {
  const { random } = context;
  const x = operand(context, ({ shape }) => count(shape) <= 200);
  if (x === undefined) return undefined;
  const same = ({ type, shape }: Value) => type === x.type && shape.join() === x.shape.join();
  const y = operand(context, same) as Value;
  const { lo, hi } = RANGE[x.type];
  const bound = random.int(lo, hi);
  const conditions = random.ints(count(x.shape), 0, 1);
  const isConstant = random.chance(0.3);
  const condition = (builder: GraphBuilder, output: string): string => {
    if (isConstant) builder.constant(`${output}_condition`, 'bool', x.shape, conditions);
    else builder.constant(`${output}_bound`, x.type, [], [bound]).node('Greater', [x.name, `${output}_bound`], `${output}_condition`);
    return `${output}_condition`;
  };
  return {
    label: context.style === 'qoperator' ? 'QLinearWhere' : 'QDQ Where', operands: [x, y], shape: x.shape, type: x.type, quantization: 'range',
    // For the ranges of the result it does not matter which is taken where.
    float: (builder, inputs, output) => builder.node('Max', inputs, output),
    emit: (builder, [left, right], output) => {
      const target = output as QuantizedValue;
      const [a, b] = [left as QuantizedValue, right as QuantizedValue];
      if (context.style === 'qoperator') {
        builder.node('QLinearWhere', [condition(builder, target.name), ...quantizedInputs(builder, a, `${target.name}_a`), ...quantizedInputs(builder, b, `${target.name}_b`), ...parameters(builder, target, `${target.name}_y`)], target.name, {}, 'com.microsoft');
        return;
      }
      builder.node('Where', [condition(builder, target.name), dequantized(builder, a), dequantized(builder, b)], `${target.name}_float`);
      quantize(builder, `${target.name}_float`, target);
    },
  };
};

/** QuantizeLinear of a DequantizeLinear: another scale, nothing else. */
const requantize: StepMaker = (context) => {
  const x = operand(context);
  if (x === undefined || context.style === 'qoperator') return undefined;
  return {
    label: 'QDQ requantize', operands: [x], shape: x.shape, type: context.random.pick(['uint8', 'int8'] as const), quantization: 'range',
    unit: ([given]) => (given as QuantizedValue).scale,
    float: (builder, inputs, output) => builder.node('Identity', inputs, output),
    emit: (builder, [given], output) => quantize(builder, dequantized(builder, given as QuantizedValue), output as QuantizedValue),
  };
};

/** Two or three float operators before the next QuantizeLinear. */
const chain: StepMaker = (context) => {
  const { random } = context;
  const x = operand(context, ({ shape }) => shape.length >= 2);
  if (x === undefined || context.style === 'qoperator') return undefined;
  const perm = [...x.shape.keys()].reverse();
  const links = Array.from({ length: random.int(2, 3) }, () => random.pick(['Abs', 'Neg', 'Relu', 'Transpose']));
  const turned = links.filter((opType) => opType === 'Transpose').length % 2 === 1;
  return floatStep({
    label: 'chain', operands: [x], shape: turned ? perm.map((axis) => x.shape[axis] as number) : x.shape,
    float: (builder, [input], output) => links.forEach((opType, index) =>
      builder.node(opType, [index === 0 ? (input as string) : `${output}_link${index - 1}`], index === links.length - 1 ? output : `${output}_link${index}`, opType === 'Transpose' ? { perm } : {})),
  }, context.style);
};

/** Two tensors of one shape, or one that is broadcast, or a constant. */
function binary(opType: string, integer?: string): StepMaker {
  return (context) => {
    const { random } = context;
    const a = operand(context, ({ shape }) => count(shape) <= MOST_PAIRS);
    if (a === undefined) return undefined;
    const fits = ({ type, shape }: Value) => type === a.type && shape.length <= a.shape.length && shape.every((size, axis) => size === 1 || size === a.shape[a.shape.length - shape.length + axis]);
    const b = random.chance(0.7) ? operand(context, fits) : undefined;
    const label = context.style === 'qoperator' && integer !== undefined ? integer : opType;
    const node = (builder: GraphBuilder, inputs: readonly string[], output: string) => builder.node(opType, inputs, output);
    if (b !== undefined) {
      return floatStep({
        label, operands: [a, b], shape: a.shape, float: node,
        ...(integer === undefined ? {} : {
          integer: (builder: GraphBuilder, [left, right]: readonly QuantizedValue[], output: { name: string }) =>
            builder.node(integer, [...quantizedInputs(builder, left as QuantizedValue, `${output.name}_a`), ...quantizedInputs(builder, right as QuantizedValue, `${output.name}_b`), ...parameters(builder, output as QuantizedValue, `${output.name}_y`)], output.name, {}, 'com.microsoft'),
        }),
      }, context.style);
    }
    const size = random.chance(0.5) ? [] : [a.shape.at(-1) as number];
    const { lo, hi } = RANGE[a.type];
    const constant = { scale: randomScale(random), zeroPoint: random.int(lo, hi), values: random.ints(count(size), lo, hi) };
    const real = constant.values.map((value) => (value - constant.zeroPoint) * constant.scale);
    if (opType === 'Div' && real.some((value) => value === 0)) return undefined;
    return floatStep({
      label: `${label} of a constant`, operands: [a], shape: a.shape,
      float: (builder, [input], output) => {
        builder.constant(`${output}_c`, 'float32', size, real);
        node(builder, [input as string, `${output}_c`], output);
      },
      ...(integer === undefined ? {} : {
        integer: (builder: GraphBuilder, [given]: readonly QuantizedValue[], output: { name: string }) => {
          builder.constant(`${output.name}_c`, a.type, size, constant.values);
          const c = { name: `${output.name}_c`, type: a.type, shape: size, ...constant };
          builder.node(integer, [...quantizedInputs(builder, given as QuantizedValue, `${output.name}_a`), ...quantizedInputs(builder, c, `${output.name}_b`), ...parameters(builder, output as QuantizedValue, `${output.name}_y`)], output.name, {}, 'com.microsoft');
        },
      }),
    }, context.style);
  };
}

const SIMPLE = ['Abs', 'Atan', 'Ceil', 'Cos', 'Erf', 'Exp', 'Floor', 'Gelu', 'HardSwish', 'Mish', 'Neg', 'Relu', 'Round', 'Selu', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Softsign', 'Tanh'];

export const ELEMENTWISE: Readonly<Record<string, StepMaker>> = {
  ...Object.fromEntries(SIMPLE.map((opType) => [opType, unary(opType)])),
  Elu: unary('Elu', { attributes: { alpha: { float: 0.75 } } }),
  HardSigmoid: unary('HardSigmoid', { attributes: { alpha: { float: 0.25 }, beta: { float: 0.5 } } }),
  LeakyRelu: unary('LeakyRelu', { attributes: { alpha: { float: 0.125 } }, integer: 'QLinearLeakyRelu' }),
  Sigmoid: unary('Sigmoid', { integer: 'QLinearSigmoid' }),
  ThresholdedRelu: unary('ThresholdedRelu', { attributes: { alpha: { float: 0.5 } } }),
  batchNormalization,
  chain,
  clip,
  power,
  prelu,
  requantize,
  where,
  Log: guardedUnary('Log'),
  Mean: several('Mean'),
  Reciprocal: guardedUnary('Reciprocal'),
  Sqrt: guardedUnary('Sqrt'),
  Sum: several('Sum'),
  Add: binary('Add', 'QLinearAdd'),
  Div: binary('Div'),
  Max: binary('Max'),
  Min: binary('Min'),
  Mul: binary('Mul', 'QLinearMul'),
  Sub: binary('Sub'),
};
