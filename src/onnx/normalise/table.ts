/**
 * Element-wise float functions of one or two quantized tensors. Between DequantizeLinear and QuantizeLinear such a function takes at
 * most 256 (or 65,536) values per channel, so it is a table, whatever it is made of: Gather(table, Cast(x)), and for two tensors
 * Gather(table, 256·Cast(a) + Cast(b)).
 */
import { dataTypeNumber, newTensorData, QUANTIZED_RANGE } from '../elementType.js';
import { quantizeValue } from '../float32.js';
import { elementCount, type Attribute, type ElementType, type GraphNode, type Tensor } from '../graph.js';
import { Evaluation } from './evaluation.js';
import { refusal } from './refusal.js';
import { findRegion, type Region, type Source } from './region.js';
import type { State } from './state.js';
import { isPerTensor, type Operand, type Target, type Value } from './values.js';

/**
 * The core tensor of the table of a float value, or undefined when the value is not a function of one quantized tensor, or when a
 * step function describes it as well.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED for a library function of a 16-bit tensor that is not monotone
 */
export function quantizeByTable(state: State, value: Value, name: string, target: Target, output: string): string | undefined {
  if (!hasOperator(value)) return undefined;
  const region = findRegion(state, value, name);
  if (region === undefined || (region.sources.length === 2 && isArithmetic(value))) return undefined;
  const wide = isWide(region);
  // A wide function of correctly rounded operations stays a chain of them, which a step function describes.
  if (wide && (region.exact || elementCount(region.lanes) > 1)) return undefined;
  const values = new Evaluation(state, region).values(value, name);
  const table = newTensorData(target.type, values.length) as Int32Array<ArrayBuffer>;
  const least = QUANTIZED_RANGE[target.type].lo;
  // ONNX Runtime quantizes what is not a number to the smallest value.
  for (let index = 0; index < values.length; index++) table[index] = Number.isNaN(values[index]) ? least : quantizeValue(values[index] as number, target);
  if (wide && table.some((entry, index) => index > 0 && entry < (table[index - 1] as number))) {
    const node = 'node' in value ? value.node : target.node;
    throw refusal(node.name, node.opType, 'as a function of 16-bit integers it rises and falls, and a table of 65,536 entries is too large to prove', 'Quantize its input to 8 bits.');
  }
  return emitTable(state, { region, table: { type: target.type, data: table }, node: target.node, output });
}

/** The core tensor of truth values that are an element-wise function of one quantized tensor; undefined when they are not. */
export function booleanByTable(state: State, value: Value, name: string, output: string): string | undefined {
  if (value.kind !== 'elementwise') return undefined;
  const region = findRegion(state, value, name);
  if (region === undefined || isWide(region)) return undefined;
  const data = Uint8Array.from(new Evaluation(state, region).values(value, name));
  return emitTable(state, { region, table: { type: 'bool', data }, node: value.node, output });
}

/**
 * The core tensor of floats cast to integers, which are rounded towards zero; undefined when they are not a function of one or two
 * quantized tensors, or when one of them is outside of the type, where processors differ.
 */
export function integersByTable(state: State, node: GraphNode, operand: NonNullable<Operand>, type: ElementType, output: string): string | undefined {
  const region = findRegion(state, operand.value, operand.name);
  if (region === undefined || isWide(region) || !isIntegerType(type)) return undefined;
  const values = new Evaluation(state, region).values(operand.value, operand.name).map(Math.trunc);
  const [lo, hi] = INTEGER_RANGE[type];
  if (!values.every((value) => value >= lo && value <= hi)) return undefined;
  const data = newTensorData(type, values.length);
  // Adding 0 turns −0 into 0.
  values.forEach((value, index) => { data[index] = (typeof data[index] === 'bigint' ? BigInt(value) : value + 0) as never; });
  return emitTable(state, { region, table: { type, data }, node, output });
}

/** Values of which float32 has some: the ends of the wider types are not among them. */
const INTEGER_RANGE = {
  int8: [-128, 127], uint8: [0, 255], int16: [-32_768, 32_767], uint16: [0, 65_535], int32: [-(2 ** 31), 2 ** 31 - 1], uint32: [0, 2 ** 32 - 1], int64: [-(2 ** 51), 2 ** 51],
} as const satisfies Partial<Record<ElementType, readonly [number, number]>>;

function isIntegerType(type: ElementType): type is keyof typeof INTEGER_RANGE {
  return type in INTEGER_RANGE;
}

/** Whether a value is a function of one quantized tensor. */
export function isFunctionOfOne(state: State, value: Value, name: string): boolean {
  return findRegion(state, value, name)?.sources.length === 1;
}

function isWide({ sources }: Region): boolean {
  return sources.some(({ type }) => type === 'uint16' || type === 'int16');
}

/** One sum, difference, product or quotient of two dequantized tensors, clipped or not, stays as it is: a step of integers costs less than a table. */
function isArithmetic(value: Value): boolean {
  if (value.kind === 'clipped') return isArithmetic(value.of.value);
  return value.kind === 'elementwise' && ARITHMETIC.has(value.node.opType) && value.operands.every((operand) => operand?.value.kind === 'dequantized' && isPerTensor(operand.value));
}

const ARITHMETIC: ReadonlySet<string> = new Set(['Add', 'Div', 'Mul', 'Sub']);

/** Relu and Clip alone are steps, and stay as they are. */
function hasOperator(value: Value): boolean {
  return value.kind === 'elementwise' || (value.kind === 'clipped' && hasOperator(value.of.value));
}

function emitTable(state: State, { region, table, node, output }: { region: Region; table: Pick<Tensor, 'type' | 'data'>; node: GraphNode; output: string }): string {
  const { core } = state;
  const from = [...new Set([...region.nodes, node.name])];
  const emit = (opType: string, inputs: readonly string[], result: string, attributes?: ReadonlyMap<string, Attribute>): string =>
    core.emit({ name: `${node.name}_${opType}`, opType, inputs, output: result, from, ...(attributes && { attributes }) });
  const toInt32 = new Map<string, Attribute>([['to', { kind: 'int', value: BigInt(dataTypeNumber('int32')) }]]);
  const cast = ({ tensor }: Source): string => emit('Cast', [tensor], core.fresh(`${output}_index`), toInt32);
  const [first, second] = region.sources;
  let index = cast(first);
  if (second !== undefined) {
    const width = state.shared(`pair_width_${second.width}`, () => ({ type: 'int32', shape: [], data: Int32Array.of(second.width) }));
    index = emit('Add', [emit('Mul', [index, width], core.fresh(`${output}_row`)), cast(second)], core.fresh(`${output}_pair`));
  }
  const cases = first.width * (second?.width ?? 1);
  const least = second === undefined ? first.lo : first.lo * second.width + second.lo;
  const starts = Int32Array.from({ length: elementCount(region.lanes) }, (_, lane) => lane * cases - least);
  if (starts.some((entry) => entry !== 0)) {
    const offsets = core.constant(core.fresh(`${output}_offset`), { type: 'int32', shape: starts.length === 1 ? [] : region.lanes, data: starts });
    index = emit('Add', [index, offsets], core.fresh(`${output}_entry`));
  }
  const entries = core.constant(core.fresh(`${output}_table`), { ...table, shape: [table.data.length] });
  return core.emit({ name: node.name, opType: 'Gather', inputs: [entries, index], output, from });
}
