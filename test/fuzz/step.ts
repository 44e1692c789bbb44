/** What a random graph is made of, before scales are chosen. */
import type { ElementType } from '../../src/onnx/graph.js';
import type { AttributeValue, GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import type { Random } from './random.js';

export type EightBit = 'uint8' | 'int8';

export const RANGE = { uint8: { lo: 0, hi: 255 }, int8: { lo: -128, hi: 127 } } as const;

/** A tensor of a random graph. */
export interface Value {
  readonly name: string;
  readonly type: EightBit;
  readonly shape: readonly number[];
}

export interface Quantization {
  /** A float32. */
  readonly scale: number;
  readonly zeroPoint: number;
}

export type QuantizedValue = Value & Quantization;

/** Written with integer operators only, or as float operators between DequantizeLinear and QuantizeLinear. */
export type Style = 'qoperator' | 'qdq';

/** One operator of a random graph with its operands. */
export interface Step {
  /** For the histogram. */
  readonly label: string;
  readonly operands: readonly Value[];
  readonly shape: readonly number[];
  readonly type: ElementType;
  /**
   * The quantization of the result: chosen from the range of its float values; that of the first operand; none, for a result that
   * no other step reads; or one that the operator itself calls for.
   */
  readonly quantization: 'range' | 'first operand' | 'none' | Quantization;
  /** The real value of one unit of the accumulator, of which a power of two makes rounding ties. */
  readonly unit?: (operands: readonly QuantizedValue[]) => number;
  /** The same operator on floats. Absent when there is no quantization to choose. */
  readonly float?: (builder: GraphBuilder, operands: readonly string[], output: string) => void;
  readonly emit: (builder: GraphBuilder, operands: readonly QuantizedValue[], output: Value & Partial<Quantization>) => void;
}

export interface StepContext {
  readonly random: Random;
  readonly style: Style;
  /** Values that steps can read, the newest last. */
  readonly pool: readonly Value[];
  /** Whether ONNX Runtime computes products of uint8 and int8 exactly here (not on AVX2 without VNNI). */
  readonly mixedProducts: boolean;
}

/** Makes a step, or nothing when no value of the pool suits it or the style has no such operator. */
export type StepMaker = (context: StepContext) => Step | undefined;

/** A step from a float operator: between DequantizeLinear and QuantizeLinear in the one style, as `integer` says in the other. */
export function floatStep({ label, operands, shape, type, keeps = false, float, integer }: {
  readonly label: string;
  readonly operands: readonly Value[];
  readonly shape: readonly number[];
  readonly type?: EightBit;
  /** The result has the quantization of the first operand. */
  readonly keeps?: boolean;
  readonly float: NonNullable<Step['float']>;
  readonly integer?: Step['emit'];
}, style: Style): Step | undefined {
  if (style === 'qoperator' && integer === undefined) return undefined;
  const own = type ?? (operands[0] as Value).type;
  return {
    label: style === 'qoperator' ? label : `QDQ ${label}`,
    operands,
    shape,
    type: own,
    quantization: keeps ? 'first operand' : 'range',
    float,
    emit: style === 'qoperator' && integer !== undefined ? integer : (builder, given, output) => {
      const floats = given.map((value) => dequantized(builder, value));
      float(builder, floats, `${output.name}_float`);
      quantize(builder, `${output.name}_float`, output as QuantizedValue);
    },
  };
}

const DEQUANTIZED = new WeakMap<GraphBuilder, Set<string>>();

/** The float tensor of a value, which all float operators that read it share. */
export function dequantized(builder: GraphBuilder, { name, type, scale, zeroPoint }: QuantizedValue): string {
  const known = DEQUANTIZED.get(builder) ?? new Set();
  DEQUANTIZED.set(builder, known);
  if (!known.has(name)) builder.dequantize(name, `${name}_dequantized`, { type, scale, zeroPoint });
  known.add(name);
  return `${name}_dequantized`;
}

export function quantize(builder: GraphBuilder, input: string, { name, type, scale, zeroPoint }: QuantizedValue): void {
  builder.quantize(input, name, { type, scale, zeroPoint });
}

/** The inputs [tensor, scale, zero point] of a quantized operator, with constants of their own. */
export function quantizedInputs(builder: GraphBuilder, { name, type, scale, zeroPoint }: QuantizedValue, prefix: string): string[] {
  return [name, ...parameters(builder, { type, scale, zeroPoint }, prefix)];
}

/** The constants [scale, zero point]. */
export function parameters(builder: GraphBuilder, { type, scale, zeroPoint }: Pick<QuantizedValue, 'type' | 'scale' | 'zeroPoint'>, prefix: string): string[] {
  builder.constant(`${prefix}_scale`, 'float32', [], [scale]).constant(`${prefix}_zero`, type, [], [zeroPoint]);
  return [`${prefix}_scale`, `${prefix}_zero`];
}

export function int64(builder: GraphBuilder, name: string, values: readonly number[]): string {
  builder.constant(name, 'int64', [values.length], values);
  return name;
}

/** A value of the pool that passes, the newest with some preference. */
export function operand({ random, pool }: StepContext, suits: (value: Value) => boolean = () => true): Value | undefined {
  const fitting = pool.filter(suits);
  if (fitting.length === 0) return undefined;
  return random.chance(0.5) ? fitting.at(-1) : random.pick(fitting);
}

export type Attributes = Readonly<Record<string, AttributeValue>>;

export function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
