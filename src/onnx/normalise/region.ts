/** Float values that are functions of one or two quantized tensors and of constants. */
import { isQuantizedType, QUANTIZED_RANGE, type QuantizedType } from '../elementType.js';
import { EXACT, floatFunction } from '../fold/floatFunctions.js';
import { dequantizeValue } from '../float32.js';
import { elementCount, type Tensor, type TensorType } from '../graph.js';
import { broadcastShape, sameShape } from '../shape.js';
import { pushedInside } from './movement.js';
import type { State } from './state.js';
import type { Operand, Value } from './values.js';

/** Tables of more entries are not made. */
const MOST_ENTRIES = 2 ** 22;

/** A quantized tensor that a function depends on. */
export interface Source {
  readonly tensor: string;
  readonly type: QuantizedType;
  readonly lo: number;
  /** How many values it can have. */
  readonly width: number;
}

/**
 * A function of one or two integer tensors, element by element, with constants that may differ along axes: one function for each
 * combination of those, a lane.
 */
export interface Region {
  /** One tensor, or two of 8 bits, which broadcast. */
  readonly sources: readonly [Source, ...Source[]];
  /** The shape of the result, with 1 for the axes along which all constants are the same. */
  readonly lanes: readonly number[];
  /** Whether all operators in it are correctly rounded. */
  readonly exact: boolean;
  readonly nodes: readonly string[];
}

/** How many combinations of integers a function has. */
export function casesOf({ sources }: Region): number {
  return sources.reduce((product, { width }) => product * width, 1);
}

/** What a float value depends on; undefined when that is more than two quantized tensors and constants. */
export function findRegion(state: State, value: Value, name: string): Region | undefined {
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
      case 'moved': {
        const pushed = pushedInside(state, inner, operand.name);
        return pushed !== undefined && visit({ name: `${operand.name} moved`, value: pushed }, owner, position);
      }
      case 'constant': case 'input': case 'linear': case 'refused': case 'softmax': return false;
    }
  };
  if (!visit({ name, value }, '', 0) || sources.size === 0 || sources.size > 2) return undefined;
  const tensors = [...sources].map((tensor) => ({ tensor, ...state.core.type(tensor) }));
  const common = tensors.reduce<readonly number[] | undefined>((whole, { shape: own }) => whole && broadcastShape(whole, own), []);
  // A constant larger than the tensor would spread it over several elements.
  if (common === undefined || !sameShape(common, shape) || lanes.some((size, axis) => size > (shape[axis] as number))) return undefined;
  const found: Source[] = [];
  for (const { tensor, type } of tensors) {
    if (!isQuantizedType(type) || (tensors.length === 2 && type !== 'uint8' && type !== 'int8')) return undefined;
    const { lo, hi } = QUANTIZED_RANGE[type];
    found.push({ tensor, type, lo, width: hi - lo + 1 });
  }
  const region: Region = { sources: found as [Source, ...Source[]], lanes, exact, nodes: nodes.reverse() };
  // Two tensors with one table for each lane would be too much to prove.
  if (elementCount(lanes) * casesOf(region) > MOST_ENTRIES || (tensors.length === 2 && elementCount(lanes) > 1)) return undefined;
  return region;
}

/** The shape of a constant operand with as many dimensions as the result; the statistics of BatchNormalization belong to axis 1. */
export function alignedShape({ shape }: Tensor, owner: string, position: number, rank: number): number[] | undefined {
  if (shape.length > rank) return undefined;
  if (owner === 'BatchNormalization' && position > 0) return [1, ...shape, ...new Array<number>(rank - 2).fill(1)];
  return [...new Array<number>(rank - shape.length).fill(1), ...shape];
}

/** A constant operand, also one that is stored quantized. */
export function floatConstant(state: State, operand: NonNullable<Operand>): Tensor | undefined {
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
