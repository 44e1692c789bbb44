/**
 * Element-wise float functions of one quantized tensor. Between DequantizeLinear and QuantizeLinear such a function takes at most 256
 * (or 65,536) values per channel, so it is a table, whatever it is made of: Gather(table, Cast(x)).
 */
import { dataTypeNumber, isQuantizedType, newTensorData, QUANTIZED_RANGE, type QuantizedType } from '../elementType.js';
import { EXACT, floatFunction } from '../fold/floatFunctions.js';
import { broadcastTensor } from '../fold/movement.js';
import { dequantizeValue, quantizeValue } from '../float32.js';
import { elementCount, type Attribute, type GraphNode, type Tensor, type TensorType } from '../graph.js';
import { sameShape } from '../shape.js';
import { refusal } from './refusal.js';
import type { State } from './state.js';
import type { Operand, Target, Value } from './values.js';

/** Tables of more entries are not made. */
const MOST_ENTRIES = 2 ** 22;

/** A function of one integer tensor, with constants that may differ along axes: one function for each combination of those, a lane. */
interface Region {
  readonly source: string;
  readonly type: QuantizedType;
  /** The shape of the tensor, with 1 for the axes along which all constants are the same. */
  readonly lanes: readonly number[];
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
  if (region === undefined || region.type === 'uint16' || region.type === 'int16') return undefined;
  const data = Uint8Array.from(new Evaluation(state, region).values(value, name));
  return emitTable(state, { region, table: { type: 'bool', data }, node: value.node, output });
}

/** Whether a value is a function of one quantized tensor. */
export function isFunctionOfOne(state: State, value: Value, name: string): boolean {
  return findRegion(state, value, name) !== undefined;
}

/** Relu and Clip alone are steps, and stay as they are. */
function hasOperator(value: Value): boolean {
  return value.kind === 'elementwise' || (value.kind === 'clipped' && hasOperator(value.of.value));
}

function emitTable(state: State, { region, table, node, output }: { region: Region; table: Pick<Tensor, 'type' | 'data'>; node: GraphNode; output: string }): string {
  const { core } = state;
  const { lo, hi } = QUANTIZED_RANGE[region.type];
  const from = [...new Set([...region.nodes, node.name])];
  const attributes = new Map<string, Attribute>([['to', { kind: 'int', value: BigInt(dataTypeNumber('int32')) }]]);
  let index = core.emit({ name: `${node.name}_Cast`, opType: 'Cast', inputs: [region.source], output: core.fresh(`${output}_index`), attributes, from });
  const width = hi - lo + 1;
  const first = Int32Array.from({ length: elementCount(region.lanes) }, (_, lane) => lane * width - lo);
  if (first.some((entry) => entry !== 0)) {
    const shape = first.length === 1 ? [] : region.lanes;
    const offsets = core.constant(core.fresh(`${output}_offset`), { type: 'int32', shape, data: first });
    index = core.emit({ name: `${node.name}_Add`, opType: 'Add', inputs: [index, offsets], output: core.fresh(`${output}_entry`), from });
  }
  const entries = core.constant(core.fresh(`${output}_table`), { ...table, shape: [table.data.length] });
  return core.emit({ name: node.name, opType: 'Gather', inputs: [entries, index], output, from });
}

/** What a float value depends on; undefined when that is more than one quantized tensor and constants. */
function findRegion(state: State, value: Value, name: string): Region | undefined {
  const { shape } = state.original.types.get(name) as TensorType;
  const seen = new Set<string>();
  const sources = new Set<string>();
  const lanes = shape.map(() => 1);
  const nodes: string[] = [];
  let exact = true;
  const constant = (tensor: Tensor, owner: string, position: number): boolean => {
    const aligned = alignedShape(tensor, owner, position, shape.length);
    aligned?.forEach((size, axis) => { if (size > 1) lanes[axis] = size; });
    return aligned !== undefined;
  };
  const visit = (operand: Operand, owner: string, position: number): boolean => {
    if (operand === undefined) return true;
    const known = floatConstant(state, operand);
    if (known !== undefined) return constant(known, owner, position);
    if (seen.has(operand.name)) return true;
    seen.add(operand.name);
    const inner = operand.value;
    switch (inner.kind) {
      case 'integer':
        sources.add(inner.tensor);
        return owner === 'Cast';
      case 'dequantized':
        sources.add(inner.source);
        if (inner.scale.data.length > 1) lanes[inner.axis] = inner.scale.data.length;
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
  if (!visit({ name, value }, '', 0) || sources.size !== 1) return undefined;
  const [source] = [...sources] as [string];
  const { type, shape: own } = state.core.type(source);
  // A constant larger than the tensor would spread it over several elements.
  if (!isQuantizedType(type) || !sameShape(own, shape) || lanes.some((size, axis) => size > (shape[axis] as number))) return undefined;
  const { lo, hi } = QUANTIZED_RANGE[type];
  if (elementCount(lanes) * (hi - lo + 1) > MOST_ENTRIES) return undefined;
  return { source, type, lanes, exact, nodes: nodes.reverse() };
}

/** The shape of a constant operand with as many dimensions as the result; the statistics of BatchNormalization belong to axis 1. */
function alignedShape({ shape }: Tensor, owner: string, position: number, rank: number): number[] | undefined {
  if (shape.length > rank) return undefined;
  if (owner === 'BatchNormalization' && position > 0) return [1, ...shape, ...new Array<number>(rank - 2).fill(1)];
  return [...new Array<number>(rank - shape.length).fill(1), ...shape];
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

/** The float32 values of a region for every lane and every integer. Each tensor is evaluated once. */
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
      case 'dequantized': {
        const inner = elementCount(this.#region.lanes.slice(value.axis + 1));
        return this.#fill((q, lane) => {
          const channel = value.scale.data.length === 1 ? 0 : Math.floor(lane / inner) % value.scale.data.length;
          return dequantizeValue(q, { scale: value.scale.data[channel] as number, zeroPoint: Number(value.zeroPoint.data[channel]) });
        });
      }
      case 'clipped': return this.values(value.of.value, value.of.name).map((x) => Math.min(Math.max(x, value.lo), value.hi));
      case 'elementwise': {
        const compute = floatFunction(value.node) as NonNullable<ReturnType<typeof floatFunction>>;
        const operands = value.operands.map((operand, position) => this.#operand(operand, value.node.opType, position));
        const result = new Float32Array(elementCount(this.#region.lanes) * this.#width);
        for (let index = 0; index < result.length; index++) result[index] = (compute as (...values: (number | undefined)[]) => number)(...operands.map((read) => read(index)));
        return result;
      }
      case 'constant': case 'input': case 'linear': case 'moved': case 'refused': case 'softmax': throw new RangeError(`a value of kind ${value.kind} in a table`);
    }
  }

  #operand(operand: Operand, owner: string, position: number): (index: number) => number | undefined {
    if (operand === undefined) return () => undefined;
    const constant = floatConstant(this.#state, operand);
    if (constant === undefined) {
      const values = this.values(operand.value, operand.name);
      return (index) => values[index];
    }
    const { lanes } = this.#region;
    const shape = alignedShape(constant, owner, position, lanes.length) as number[];
    const { data } = broadcastTensor({ ...constant, shape }, lanes);
    return (index) => Number(data[Math.floor(index / this.#width)]);
  }

  #fill(compute: (q: number, lane: number) => number): Float32Array {
    return Float32Array.from({ length: elementCount(this.#region.lanes) * this.#width }, (_, index) => compute(this.#lo + (index % this.#width), Math.floor(index / this.#width)));
  }
}
