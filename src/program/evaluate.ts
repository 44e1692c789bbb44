/** What each primitive computes: the reference meaning of the program, over plain integers. */
import { evaluateInteger } from './integerValue.js';
import type { Integers } from './interval.js';
import { roundHalfEven } from './float32.js';
import { LinearRow, linearRows } from './linear.js';
import { extreme, windows } from './pool.js';
import { operands, type ArgMaxOperation, type MaxOperation, type Operation, type ProductOperation, type Program, type ProgramTensor, type SoftmaxOperation } from './program.js';
import { evaluateStep, type StepFunction } from './step.js';
import { evaluateWeighted } from './weighted.js';

/**
 * The values of every tensor of the program, by tensor id, in row-major order.
 * @param inputs one array per program input, in order; the caller has checked lengths and ranges.
 * @throws ZkonnxError VALUE_UNPROVABLE where a value has no proof: division by zero, a 64-bit value beyond 52 bits.
 */
export function evaluateProgram(program: Pick<Program, 'operations' | 'inputs'> & { readonly tensors: readonly Pick<ProgramTensor, 'node'>[] }, inputs: readonly Integers[]): Integers[] {
  const values: Integers[] = [];
  program.operations.forEach((operation, id) => {
    const given = operation.kind === 'input' ? inputs[program.inputs.indexOf(id)] : undefined;
    values.push(given ?? evaluateOperation(operation, operands(operation).map((operand) => values[operand] as Integers), program.tensors[id]?.node ?? ''));
  });
  return values;
}

function evaluateOperation(operation: Operation, inputs: readonly Integers[], node: string): Integers {
  switch (operation.kind) {
    case 'input':
      if (operation.values !== undefined) return operation.values;
      throw new RangeError('an input has no value of its own');
    case 'constant':
      return operation.values;
    case 'view': {
      const source = concatenated(inputs);
      const { index, fill } = operation;
      return index === undefined ? source : Float64Array.from(index, (i) => (i < 0 ? fill : (source[i] as number)));
    }
    case 'linear': {
      const source = concatenated(inputs);
      const rows = linearRows(operation.map);
      const result = new Float64Array(rows.count);
      const row = new LinearRow();
      for (let i = 0; i < rows.count; i++) {
        rows.read(i, row);
        let sum = row.constant;
        for (let term = 0; term < row.length; term++) {
          sum += (row.weights[term] as number) * (source[row.indices[term] as number] as number);
        }
        result[i] = sum;
      }
      return result;
    }
    case 'weighted':
      return evaluateWeighted(operation, inputs);
    case 'step': {
      const { functions, inner } = operation;
      return (inputs[0] as Integers).map((x, i) => evaluateStep(functions[Math.floor(i / inner) % functions.length] as StepFunction, x));
    }
    case 'table': {
      const { tables, inner, lo } = operation;
      return (inputs[0] as Integers).map((x, i) => (tables[Math.floor(i / inner) % tables.length] as Integers)[x - lo] as number);
    }
    case 'product':
      return evaluateProduct(operation, inputs as [Integers, Integers]);
    case 'max':
      return evaluateMax(operation, inputs[0] as Integers);
    case 'argmax':
      return evaluateArgMax(operation, inputs[0] as Integers);
    case 'softmax':
      return evaluateSoftmax(operation, inputs[0] as Integers);
    case 'fit':
    case 'bilinear':
    case 'compare':
    case 'select':
    case 'divide':
    case 'bits':
      return evaluateInteger(operation, inputs, node);
  }
}

function concatenated(inputs: readonly Integers[]): Integers {
  if (inputs.length === 1) return inputs[0] as Integers;
  const result = new Float64Array(inputs.reduce((total, input) => total + input.length, 0));
  let offset = 0;
  for (const input of inputs) {
    result.set(input, offset);
    offset += input.length;
  }
  return result;
}

function evaluateProduct({ terms, left, right, leftZero, rightZero }: ProductOperation, [a, b]: readonly [Integers, Integers]): Integers {
  const result = new Float64Array(left.length / terms);
  for (let i = 0; i < left.length; i++) {
    const term = ((a[left[i] as number] as number) - leftZero) * ((b[right[i] as number] as number) - rightZero);
    result[Math.floor(i / terms)] = (result[Math.floor(i / terms)] as number) + term;
  }
  return result;
}

function evaluateMax(operation: MaxOperation, x: Integers): Integers {
  const reader = windows(operation);
  return Float64Array.from({ length: reader.count }, (_, i) => extreme(operation, x, reader.read(i)));
}

function evaluateArgMax({ outer, length, inner, selectLast, minimum }: ArgMaxOperation, x: Integers): Integers {
  const result = new Float64Array(outer * inner);
  for (let i = 0; i < result.length; i++) {
    const first = Math.floor(i / inner) * length * inner + (i % inner);
    let best = 0;
    for (let k = 1; k < length; k++) {
      const value = x[first + k * inner] as number;
      const champion = x[first + best * inner] as number;
      const better = minimum ? value < champion : value > champion;
      if (better || (selectLast && value === champion)) best = k;
    }
    result[i] = best;
  }
  return result;
}

function evaluateSoftmax({ length, terms, numerators, most }: SoftmaxOperation, x: Integers): Integers {
  const result = new Float64Array(x.length);
  for (let first = 0; first < x.length; first += length) {
    const row = x.subarray(first, first + length);
    const largest = row.reduce((a, b) => Math.max(a, b));
    const sum = row.reduce((total, value) => Math.fround(total + (terms[largest - value] as number)), 0);
    row.forEach((value, i) => { result[first + i] = Math.min(roundHalfEven(Math.fround((numerators[largest - value] as number) / sum)), most); });
  }
  return result;
}
