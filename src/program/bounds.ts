/** The interval of what each primitive yields, from the intervals of what it reads. */
import { ZkonnxError } from '../errors/index.js';
import type { Integers, Intervals } from './interval.js';
import { integerBounds } from './integerBounds.js';
import { uniformIntervals } from './interval.js';
import { LinearRow, linearRows } from './linear.js';
import { extreme, windows } from './pool.js';
import { TYPE_RANGE, type Operation, type ProductOperation } from './program.js';
import { evaluateStep } from './step.js';
import { weightedBounds } from './weighted.js';

/**
 * The proven bounds of an operation's result.
 * @param inputs the bounds of its operands.
 * @param node named in errors.
 * @throws ZkonnxError ACCUMULATOR_OVERFLOW when a linear map can leave int32, where ONNX Runtime would wrap.
 */
export function boundsOf(operation: Operation, inputs: readonly Intervals[], length: number, node: string): Intervals {
  switch (operation.kind) {
    case 'input':
      return uniformIntervals(length, operation.lo, operation.hi);
    case 'constant':
      return { lo: operation.values, hi: operation.values };
    case 'view': {
      const { lo, hi } = concatenated(inputs);
      const { index, fill } = operation;
      if (index === undefined) return { lo, hi };
      return { lo: Float64Array.from(index, (i) => (i < 0 ? fill : (lo[i] as number))), hi: Float64Array.from(index, (i) => (i < 0 ? fill : (hi[i] as number))) };
    }
    case 'linear': {
      const rows = linearRows(operation.map);
      const { lo, hi } = concatenated(inputs);
      return overRows(rows, lo, hi, node, operation.wide === true);
    }
    case 'weighted': {
      const result = weightedBounds(operation, inputs);
      result.lo.forEach((least, i) => refuseOverflow(node, i, least, result.hi[i] as number));
      return result;
    }
    case 'step': {
      const [x] = inputs as [Intervals];
      const { functions, inner } = operation;
      const apply = (value: number, i: number) => evaluateStep(functions[Math.floor(i / inner) % functions.length] as (typeof functions)[number], value);
      return { lo: x.lo.map(apply), hi: x.hi.map(apply) };
    }
    case 'table': {
      const [x] = inputs as [Intervals];
      const { tables, inner, lo } = operation;
      const result = uniformIntervals(length, 0, 0);
      for (let i = 0; i < length; i++) {
        const reachable = (tables[Math.floor(i / inner) % tables.length] as Integers).subarray((x.lo[i] as number) - lo, (x.hi[i] as number) - lo + 1);
        result.lo[i] = reachable.reduce((least, value) => Math.min(least, value), Infinity);
        result.hi[i] = reachable.reduce((most, value) => Math.max(most, value), -Infinity);
      }
      return result;
    }
    case 'product':
      return productBounds(operation, inputs as [Intervals, Intervals], node);
    case 'max': {
      const [x] = inputs as [Intervals];
      const reader = windows(operation);
      const result = uniformIntervals(reader.count, 0, 0);
      for (let i = 0; i < reader.count; i++) {
        const window = reader.read(i);
        result.lo[i] = extreme(operation, x.lo, window);
        result.hi[i] = extreme(operation, x.hi, window);
      }
      return result;
    }
    case 'argmax':
      return uniformIntervals(length, 0, operation.length - 1);
    case 'softmax':
      return uniformIntervals(length, 0, operation.most);
    case 'fit':
    case 'bilinear':
    case 'compare':
    case 'select':
    case 'divide':
    case 'bits':
      return integerBounds(operation, inputs, length, node);
  }
}

function productBounds({ terms, left, right, leftZero, rightZero }: ProductOperation, [a, b]: readonly [Intervals, Intervals], node: string): Intervals {
  const result = uniformIntervals(left.length / terms, 0, 0);
  for (let i = 0; i < left.length; i++) {
    const ends = [a.lo, a.hi].flatMap((x) => [b.lo, b.hi].map((y) => ((x[left[i] as number] as number) - leftZero) * ((y[right[i] as number] as number) - rightZero)));
    const element = Math.floor(i / terms);
    result.lo[element] = (result.lo[element] as number) + Math.min(...ends);
    result.hi[element] = (result.hi[element] as number) + Math.max(...ends);
  }
  for (let i = 0; i < result.lo.length; i++) refuseOverflow(node, i, result.lo[i] as number, result.hi[i] as number);
  return result;
}

function refuseOverflow(node: string, element: number, least: number, most: number): void {
  if (least >= TYPE_RANGE.int32.lo && most <= TYPE_RANGE.int32.hi) return;
  throw new ZkonnxError('ACCUMULATOR_OVERFLOW', {
    message: `The accumulator of node "${node}" can leave int32 for some input, where ONNX Runtime wraps around.`,
    node,
    expected: `every sum in [${TYPE_RANGE.int32.lo}, ${TYPE_RANGE.int32.hi}]`,
    found: `element ${element} in [${least}, ${most}]`,
  });
}

/** Doubles hold every partial sum exactly as long as the terms add up to less than 2^53 in absolute value. */
function refuseWide(node: string, element: number, { indices, weights, length, constant }: LinearRow, lo: Integers, hi: Integers): void {
  let reach = Math.abs(constant);
  for (let term = 0; term < length; term++) {
    const index = indices[term] as number;
    reach += Math.abs(weights[term] as number) * Math.max(Math.abs(lo[index] as number), Math.abs(hi[index] as number));
  }
  if (reach <= 2 ** 53) return;
  throw new ZkonnxError('ACCUMULATOR_OVERFLOW', {
    message: `A sum of node "${node}" can leave the 52 bits that are exact here.`,
    node,
    expected: 'at most 2^53',
    found: `element ${element} of up to ${reach}`,
    fix: 'Use int32, or sum fewer elements.',
  });
}

/** Bounds of tensors laid end to end. */
function concatenated(inputs: readonly Intervals[]): Intervals {
  if (inputs.length === 1) return inputs[0] as Intervals;
  const length = inputs.reduce((total, { lo }) => total + lo.length, 0);
  const result = uniformIntervals(length, 0, 0);
  let offset = 0;
  for (const { lo, hi } of inputs) {
    result.lo.set(lo, offset);
    result.hi.set(hi, offset);
    offset += lo.length;
  }
  return result;
}

function overRows(rows: ReturnType<typeof linearRows>, lo: Integers, hi: Integers, node: string, wide: boolean): Intervals {
  const result = uniformIntervals(rows.count, 0, 0);
  const row = new LinearRow();
  for (let i = 0; i < rows.count; i++) {
    rows.read(i, row);
    let least = row.constant;
    let most = row.constant;
    const { indices, weights, length } = row;
    for (let term = 0; term < length; term++) {
      const weight = weights[term] as number;
      const index = indices[term] as number;
      if (weight > 0) {
        least += weight * (lo[index] as number);
        most += weight * (hi[index] as number);
      } else {
        least += weight * (hi[index] as number);
        most += weight * (lo[index] as number);
      }
    }
    if (wide) refuseWide(node, i, row, lo, hi);
    else refuseOverflow(node, i, least, most);
    result.lo[i] = least;
    result.hi[i] = most;
  }
  return result;
}
