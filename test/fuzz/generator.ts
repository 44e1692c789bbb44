/**
 * Random quantized graphs. The operators and the shapes come first; then the graph runs in float, and the range of each tensor
 * decides its scale and zero point, so that most results lie between the ends of their type; then the integers are written.
 */
import { encodeModel } from '../../src/onnx/encode.js';
import { dequantizeValue } from '../../src/onnx/float32.js';
import type { Graph, Tensor } from '../../src/onnx/graph.js';
import { GraphBuilder, tensor } from '../../src/onnx/testing/graphBuilder.js';
import { run, withSession } from '../../src/runtime/session.js';
import { ELEMENTWISE } from './elementwise.js';
import { LAYERS, randomScale } from './layers.js';
import { MOVEMENT } from './movement.js';
import type { Random } from './random.js';
import { SIXTEEN_BITS } from './sixteenBits.js';
import { SOFTMAX } from './softmax.js';
import { count, RANGE, type EightBit, type Quantization, type QuantizedValue, type Step, type StepMaker, type Style, type Value } from './step.js';

/** Every operator that graphs are made of, by a name of its own. */
export const MAKERS: Readonly<Record<string, StepMaker>> = { ...LAYERS, ...ELEMENTWISE, ...MOVEMENT, ...SIXTEEN_BITS, ...SOFTMAX };

export interface RandomGraph {
  readonly graph: Graph;
  /** The inputs of each run, by name. */
  readonly inputSets: readonly ReadonlyMap<string, Tensor>[];
  /** Operator labels by graph output. */
  readonly labels: ReadonlyMap<string, string>;
}

export interface GeneratorOptions {
  readonly style: Style;
  /** Names in {@link MAKERS}, each as often as it should be chosen. */
  readonly makers: readonly string[];
  /** Most nodes. */
  readonly steps: number;
  readonly mixedProducts: boolean;
  readonly inputSets: number;
}

/** The newest that an operator here needs (QuantizeLinear to 16 bits). */
const OPSET = 21;
const MAX_ELEMENTS = 400;

/** @returns undefined when the choices led nowhere */
export async function randomGraph(random: Random, { style, makers, steps: most, mixedProducts, inputSets }: GeneratorOptions): Promise<RandomGraph | undefined> {
  const inputs = Array.from({ length: random.chance(0.75) ? 1 : 2 }, (_, index) => randomInput(random, index));
  const pool: Value[] = inputs.map(({ value }) => value);
  const steps: { step: Step; output: Value }[] = [];
  for (let attempt = 0; attempt < 4 * most && steps.length < most; attempt++) {
    const step = (MAKERS[random.pick(makers)] as StepMaker)({ random, style, pool, mixedProducts });
    if (step === undefined || count(step.shape) > MAX_ELEMENTS || count(step.shape) === 0 || step.shape.length > 5) continue;
    const output = { name: `t${steps.length}`, type: step.type as EightBit, shape: step.shape };
    steps.push({ step, output });
    if (step.quantization !== 'none') pool.push(output);
  }
  if (steps.length === 0) return undefined;
  const ranges = await floatRanges(inputs, steps);
  if (ranges === undefined) return undefined;

  const quantizations = new Map<string, Quantization>(inputs.map(({ value }) => [value.name, value]));
  const builder = new GraphBuilder();
  const read = new Set(steps.flatMap(({ step }) => step.operands.map(({ name }) => name)));
  for (const { value } of inputs) if (read.has(value.name)) builder.input(value.name, value.type, value.shape);
  const labels = new Map<string, string>();
  for (const { step, output } of steps) {
    const operands = step.operands.map((value): QuantizedValue => ({ ...value, ...(quantizations.get(value.name) as Quantization) }));
    const quantization = quantizationOf({ random, step, output, operands, range: ranges.get(output.name) });
    if (quantization !== undefined) quantizations.set(output.name, quantization);
    step.emit(builder, operands, { ...output, ...quantization });
    if (!read.has(output.name) || random.chance(0.5)) {
      builder.output(output.name, step.type, step.shape);
      labels.set(output.name, step.label);
    }
  }
  // The ranges are those of the first inputs; others of the same kind saturate a little more often.
  const used = inputs.filter(({ value }) => read.has(value.name));
  const others = Array.from({ length: inputSets - 1 }, () => new Map(used.map(({ value }) => [value.name, randomTensor(random, value)])));
  return { graph: builder.build(OPSET), inputSets: [new Map(used.map(({ value, tensor }) => [value.name, tensor])), ...others], labels };
}

function quantizationOf({ random, step, output, operands, range }: { random: Random; step: Step; output: Value; operands: readonly QuantizedValue[]; range: Range | undefined }): Quantization | undefined {
  if (step.quantization === 'none') return undefined;
  const [first] = operands as [QuantizedValue];
  if (typeof step.quantization === 'object') return step.quantization;
  if (step.quantization === 'first operand') return { scale: first.scale, zeroPoint: first.zeroPoint };
  return chooseQuantization({ random, type: output.type, range: range as Range, unit: step.unit?.(operands) });
}

function randomInput(random: Random, index: number): { value: QuantizedValue; tensor: Tensor } {
  const type = random.pick(['uint8', 'int8'] as const);
  const { lo, hi } = RANGE[type];
  const shape = random.pick([
    () => [random.int(1, 2), random.int(1, 4), random.int(1, 6), random.int(1, 6)],
    () => [1, random.int(1, 4), random.int(2, 12)],
    () => [1, random.int(1, 3), random.int(1, 3), random.int(1, 4), random.int(1, 4)],
    () => [random.int(1, 4), random.int(1, 16)],
    () => [random.int(1, 2), random.int(1, 5), random.int(1, 6)],
  ])();
  const zeroPoint = random.pick([lo, hi, Math.ceil((lo + hi) / 2), random.int(lo, hi)]);
  const value = { name: `x${index}`, type, shape, scale: randomScale(random), zeroPoint };
  return { value, tensor: randomTensor(random, value) };
}

function randomTensor(random: Random, { type, shape, zeroPoint }: QuantizedValue): Tensor {
  const { lo, hi } = RANGE[type];
  const spread = random.chance(0.8);
  return tensor(type, shape, Array.from({ length: count(shape) }, () => (spread ? random.int(lo, hi) : random.pick([lo, hi, zeroPoint]))));
}

interface Range {
  readonly lo: number;
  readonly hi: number;
}

/** The least and the largest value of every float result; undefined when one is not finite. */
async function floatRanges(inputs: readonly { value: QuantizedValue; tensor: Tensor }[], steps: readonly { step: Step; output: Value }[]): Promise<ReadonlyMap<string, Range> | undefined> {
  const builder = new GraphBuilder();
  const used = new Set<string>();
  for (const { step, output } of steps) {
    if (step.float === undefined) continue;
    for (const { name } of step.operands) used.add(name);
    step.float(builder, step.operands.map(({ name }) => name), output.name);
    builder.output(output.name, 'float32', step.shape);
  }
  const data = new Map<string, Tensor>();
  for (const { value, tensor } of inputs) {
    if (!used.has(value.name)) continue;
    builder.input(value.name, 'float32', value.shape);
    data.set(value.name, { type: 'float32', shape: value.shape, data: Float32Array.from(tensor.data as Int8Array, (q) => dequantizeValue(q, value)) });
  }
  if (used.size === 0) return new Map();
  const results = await withSession({ bytes: encodeModel(builder.build(OPSET)) }, (session) => run(session, data));
  const ranges = new Map<string, Range>();
  for (const [name, { data: values }] of results) {
    const floats = Array.from(values as Float32Array);
    if (!floats.every(Number.isFinite)) return undefined;
    ranges.set(name, { lo: Math.min(0, ...floats), hi: Math.max(0, ...floats) });
  }
  return ranges;
}

/** A scale that covers the range, mostly: exactly, as a power of two, as a round decimal, as a power of two of the unit, or too small. */
function chooseQuantization({ random, type, range, unit }: { random: Random; type: EightBit; range: Range; unit: number | undefined }): Quantization {
  const exact = Math.fround(Math.max(range.hi - range.lo, 1e-6) / 255);
  const powerOfTwo = (base: number) => Math.fround(base * 2 ** Math.ceil(Math.log2(exact / base)));
  const decimal = () => {
    const power = 10 ** Math.floor(Math.log10(exact));
    return Math.fround(power * ([1, 2, 5, 10].find((digit) => digit * power >= exact) as number));
  };
  const scale = [() => exact, () => powerOfTwo(1), decimal, () => powerOfTwo(unit ?? 1), () => Math.fround(exact / 3)][random.pick([0, 0, 1, 1, 2, 2, 3, 3, 3, 4])]?.() as number;
  const { lo, hi } = RANGE[type];
  const natural = Math.min(hi, Math.max(lo, Math.round(lo - range.lo / scale)));
  return { scale, zeroPoint: random.chance(0.06) ? random.pick([lo, hi]) : natural };
}
