/** Tensors of 16 bits between those of 8: element by element only, as ONNX Runtime computes no layers of them with integers. */
import type { QuantizedType } from '../../src/onnx/elementType.js';
import { operand, dequantized, quantize, type QuantizedValue, type StepMaker } from './step.js';

const EXACT = ['Abs', 'Identity', 'Neg', 'Relu'] as const;
/** Tables, of 65,536 entries where they read 16 bits. */
const FUNCTIONS = ['HardSigmoid', 'Sigmoid', 'Tanh'] as const;

/** The operator on floats, to a result of 16 bits that nothing else reads. */
const toSixteenBits: StepMaker = (context) => {
  const { random, style } = context;
  const x = operand(context);
  if (x === undefined || style === 'qoperator') return undefined;
  const type = random.pick(['uint16', 'int16'] as const);
  const opType = random.pick([...EXACT, ...FUNCTIONS]);
  const share = random.pick([1, 0.5, 1 / 256, 0.01, 0.003]);
  const zeroPoint = random.pick(type === 'uint16' ? [0, 32_768, random.int(0, 65_535)] : [0, random.int(-32_768, 32_767)]);
  return {
    label: 'QDQ to 16 bits', operands: [x], shape: x.shape, type, quantization: 'none',
    emit: (builder, [given], { name }) => {
      const source = given as QuantizedValue;
      builder.node(opType, [dequantized(builder, source)], `${name}_float`);
      builder.quantize(`${name}_float`, name, { type, scale: Math.fround(source.scale * share), zeroPoint });
    },
  };
};

/** 8 bits, two operators with 16 bits between them, 8 bits. */
const throughSixteenBits: StepMaker = (context) => {
  const { random, style } = context;
  const x = operand(context);
  if (x === undefined || style === 'qoperator') return undefined;
  const type: QuantizedType = random.pick(['uint16', 'int16'] as const);
  const first = random.pick(EXACT);
  const second = random.pick([...EXACT, ...EXACT, ...FUNCTIONS]);
  const share = random.pick([0.5, 1 / 64, 0.01]);
  const zeroPoint = type === 'uint16' ? 32_768 : 0;
  return {
    label: 'QDQ through 16 bits', operands: [x], shape: x.shape, type: x.type, quantization: 'range',
    float: (builder, [input], output) => builder.node(first, [input as string], `${output}_first`).node(second, [`${output}_first`], output),
    emit: (builder, [given], output) => {
      const { name } = output;
      const source = given as QuantizedValue;
      const parameters = { type, scale: Math.fround(source.scale * share), zeroPoint };
      builder.node(first, [dequantized(builder, source)], `${name}_first`).quantize(`${name}_first`, `${name}_wide`, parameters);
      builder.dequantize(`${name}_wide`, `${name}_read`, parameters).node(second, [`${name}_read`], `${name}_float`);
      quantize(builder, `${name}_float`, output as QuantizedValue);
    },
  };
};

export const SIXTEEN_BITS: Readonly<Record<string, StepMaker>> = { throughSixteenBits, toSixteenBits };
