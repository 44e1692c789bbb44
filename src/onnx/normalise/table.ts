/**
 * Element-wise float functions of one quantized tensor. Between DequantizeLinear and QuantizeLinear such a function takes at most 256
 * (or 65,536) values per channel, so it is a table, whatever it is made of: Gather(table, Cast(x)).
 */
import { dataTypeNumber, isQuantizedType, newTensorData, QUANTIZED_RANGE, type QuantizedType } from '../elementType.js';
import { EXACT, floatFunction } from '../fold/floatFunctions.js';
import { dequantizeValue, quantizeValue } from '../float32.js';
import { elementCount, type Attribute, type Tensor, type TensorType } from '../graph.js';
import { sameShape } from '../shape.js';
import { refusal } from './refusal.js';
import type { State } from './state.js';
import type { Operand, Target, Value } from './values.js';

/** Tables of more entries are not made. */
const MOST_ENTRIES = 2 ** 22;

/** A function of one integer tensor, with constants that differ along one axis at most. */
interface Region {
  readonly source: string;
  readonly type: QuantizedType;
  readonly shape: readonly number[];
  /** 1, or the size of the axis that constants differ along. */
  readonly channels: number;
  readonly axis: number;
  /** Whether all operators in it are correctly rounded. */
  readonly exact: boolean;
  readonly nodes: readonly string[];
}

/**
 * The core tensor of the table of a float value, or undefined when the value is not a function of one quantized tensor, or when a
 * step function describes it as well.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED for a library function of a 16-bit tensor that is not monotone
 */
export function quantizeByTable(state: State, value: Value, name: string, target: Target, output: string): string | undefined {
  if (!hasOperator(value)) return undefined;
  const region = findRegion(state, value, name);
  if (region === undefined) return undefined;
  const wide = region.type === 'uint16' || region.type === 'int16';
  // A wide function of correctly rounded operations stays a chain of them, which a step function describes.
  if (wide && (region.exact || region.channels > 1)) return undefined;
  const values = new Evaluation(state, region).values(value, name);
  const table = newTensorData(target.type, values.length) as Int32Array;
  const least = QUANTIZED_RANGE[target.type].lo;
  // ONNX Runtime quantizes what is not a number to the smallest value.
  for (let index = 0; index < values.length; index++) table[index] = Number.isNaN(values[index]) ? least : quantizeValue(values[index] as number, target);
  if (wide && table.some((entry, index) => index > 0 && entry < (table[index - 1] as number))) {
    const node = 'node' in value ? value.node : target.node;
    throw refusal(node.name, node.opType, 'as a function of 16-bit integers it rises and falls, and a table of 65,536 entries is too large to prove', 'Quantize its input to 8 bits.');
  }
  return emitTable(state, { region, table, target, output });
}

/** Relu and Clip alone are steps, and stay as they are. */
function hasOperator(value: Value): boolean {
  return value.kind === 'elementwise' || (value.kind === 'clipped' && hasOperator(value.of.value));
}

function emitTable(state: State, { region, table, target, output }: { region: Region; table: Int32Array; target: Target; output: string }): string {
  const { core } = state;
  const { lo, hi } = QUANTIZED_RANGE[region.type];
  const from = [...region.nodes, target.node.name];
  const attributes = new Map<string, Attribute>([['to', { kind: 'int', value: BigInt(dataTypeNumber('int32')) }]]);
  let index = core.emit({ name: `${target.node.name}_Cast`, opType: 'Cast', inputs: [region.source], output: core.fresh(`${output}_index`), attributes, from });
  const width = hi - lo + 1;
  const first = Int32Array.from({ length: region.channels }, (_, channel) => channel * width - lo);
  if (first.some((entry) => entry !== 0)) {
    const shape = region.channels === 1 ? [] : region.shape.map((size, axis) => (axis === region.axis ? size : 1));
    const offsets = core.constant(core.fresh(`${output}_offset`), { type: 'int32', shape, data: first });
    index = core.emit({ name: `${target.node.name}_Add`, opType: 'Add', inputs: [index, offsets], output: core.fresh(`${output}_entry`), from });
  }
  const entries = core.constant(core.fresh(`${output}_table`), { type: target.type, shape: [table.length], data: table as Tensor['data'] });
  return core.emit({ name: target.node.name, opType: 'Gather', inputs: [entries, index], output, from });
}

/** What a float value depends on; undefined when that is more than one quantized tensor and constants along one axis. */
function findRegion(state: State, value: Value, name: string): Region | undefined {
  const { shape } = state.original.types.get(name) as TensorType;
  const seen = new Set<string>();
  const sources = new Set<string>();
  const axes = new Set<number>();
  const nodes: string[] = [];
  let exact = true;
  const constant = (tensor: Tensor, firstAxis: number): boolean => {
    tensor.shape.forEach((size, axis) => { if (size > 1) axes.add(firstAxis + axis); });
    return firstAxis >= 0;
  };
  const visit = (operand: Operand, owner: string, position: number): boolean => {
    if (operand === undefined) return true;
    const known = floatConstant(state, operand);
    if (known !== undefined) return constant(known, owner === 'BatchNormalization' && position > 0 ? 1 : shape.length - known.shape.length);
    if (seen.has(operand.name)) return true;
    seen.add(operand.name);
    const inner = operand.value;
    switch (inner.kind) {
      case 'integer':
        sources.add(inner.tensor);
        return owner === 'Cast';
      case 'dequantized':
        sources.add(inner.source);
        if (inner.scale.data.length > 1) axes.add(inner.axis);
        return true;
      case 'clipped':
        nodes.push(inner.node.name);
        return visit(inner.of, inner.node.opType, 0);
      case 'elementwise':
        nodes.push(inner.node.name);
        exact &&= EXACT.has(inner.node.opType);
        return floatFunction(inner.node) !== undefined && inner.operands.every((next, index) => visit(next, inner.node.opType, index));
      case 'constant': case 'input': case 'linear': case 'moved': case 'refused': case 'softmax': return false;
    }
  };
  if (!visit({ name, value }, '', 0) || sources.size !== 1 || axes.size > 1) return undefined;
  const [source] = [...sources] as [string];
  const { type, shape: own } = state.core.type(source);
  const [axis = 0] = axes;
  const channels = axes.size === 0 ? 1 : (shape[axis] as number);
  if (!isQuantizedType(type) || !sameShape(own, shape)) return undefined;
  const { lo, hi } = QUANTIZED_RANGE[type];
  if (channels * (hi - lo + 1) > MOST_ENTRIES) return undefined;
  return { source, type, shape, channels, axis, exact, nodes: nodes.reverse() };
}

/** A constant operand, also one that is stored quantized. */
function floatConstant(state: State, operand: NonNullable<Operand>): Tensor | undefined {
  const { value } = operand;
  const stored = value.kind === 'dequantized' ? state.core.constants.get(value.source) : undefined;
  if (value.kind !== 'dequantized' || stored === undefined) return state.constantOf(operand);
  const inner = elementCount(stored.shape.slice(value.axis + 1));
  const data = Float32Array.from(stored.data as ArrayLike<number>, (q, index) => {
    const channel = value.scale.data.length === 1 ? 0 : Math.floor(index / inner) % value.scale.data.length;
    return dequantizeValue(q, { scale: value.scale.data[channel] as number, zeroPoint: Number(value.zeroPoint.data[channel]) });
  });
  return { type: 'float32', shape: stored.shape, data };
}

/** The float32 values of a region for every channel and every integer. Each tensor is evaluated once. */
class Evaluation {
  readonly #state: State;
  readonly #region: Region;
  readonly #known = new Map<string, Float32Array>();
  readonly #lo: number;
  readonly #width: number;

  constructor(state: State, region: Region) {
    this.#state = state;
    this.#region = region;
    const { lo, hi } = QUANTIZED_RANGE[region.type];
    this.#lo = lo;
    this.#width = hi - lo + 1;
  }

  values(value: Value, name: string): Float32Array {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const result = this.#compute(value);
    this.#known.set(name, result);
    return result;
  }

  #compute(value: Value): Float32Array {
    switch (value.kind) {
      case 'integer': return this.#fill((q) => q);
      case 'dequantized': return this.#fill((q, channel) => {
        const at = value.scale.data.length === 1 ? 0 : channel;
        return dequantizeValue(q, { scale: value.scale.data[at] as number, zeroPoint: Number(value.zeroPoint.data[at]) });
      });
      case 'clipped': return this.values(value.of.value, value.of.name).map((x) => Math.min(Math.max(x, value.lo), value.hi));
      case 'elementwise': {
        const compute = floatFunction(value.node) as NonNullable<ReturnType<typeof floatFunction>>;
        const operands = value.operands.map((operand) => this.#operand(operand));
        const result = new Float32Array(this.#region.channels * this.#width);
        for (let index = 0; index < result.length; index++) result[index] = (compute as (...values: (number | undefined)[]) => number)(...operands.map((read) => read(index)));
        return result;
      }
      case 'constant': case 'input': case 'linear': case 'moved': case 'refused': case 'softmax': throw new RangeError(`a value of kind ${value.kind} in a table`);
    }
  }

  #operand(operand: Operand): (index: number) => number | undefined {
    if (operand === undefined) return () => undefined;
    const constant = floatConstant(this.#state, operand);
    if (constant !== undefined) return constant.data.length === 1 ? () => Number(constant.data[0]) : (index) => Number(constant.data[Math.floor(index / this.#width)]);
    const values = this.values(operand.value, operand.name);
    return (index) => values[index];
  }

  #fill(compute: (q: number, channel: number) => number): Float32Array {
    return Float32Array.from({ length: this.#region.channels * this.#width }, (_, index) => compute(this.#lo + (index % this.#width), Math.floor(index / this.#width)));
  }
}
