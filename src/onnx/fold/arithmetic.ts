import { stridesOf, broadcastShape } from '../shape.js';
import { newTensorData } from '../elementType.js';
import { elementCount, type Tensor } from '../graph.js';

type Operator = 'Add' | 'Sub' | 'Mul' | 'Div';

/** Integer and float32 arithmetic with broadcasting, exactly as ONNX Runtime computes it; undefined for other types and for ÷ 0 of integers. */
export function foldArithmetic(operator: Operator, a: Tensor, b: Tensor): Tensor | undefined {
  const shape = broadcastShape(a.shape, b.shape);
  if (shape === undefined || a.type !== b.type) return undefined;
  const compute = a.type === 'int64' ? bigintOperator(operator) : a.type === 'int32' ? int32Operator(operator) : a.type === 'float32' ? floatOperator(operator) : undefined;
  if (compute === undefined) return undefined;
  const data = newTensorData(a.type, elementCount(shape));
  const [left, right] = [reader(a, shape), reader(b, shape)];
  for (let index = 0; index < data.length; index++) {
    const [x, y] = [a.data[left(index)], b.data[right(index)]];
    if (operator === 'Div' && a.type !== 'float32' && Number(y) === 0) return undefined;
    data[index] = compute(x as never, y as never) as never;
  }
  return { type: a.type, shape, data };
}

function bigintOperator(operator: Operator): (x: bigint, y: bigint) => bigint {
  switch (operator) {
    case 'Add': return (x, y) => BigInt.asIntN(64, x + y);
    case 'Sub': return (x, y) => BigInt.asIntN(64, x - y);
    case 'Mul': return (x, y) => BigInt.asIntN(64, x * y);
    case 'Div': return (x, y) => BigInt.asIntN(64, x / y);
  }
}

function int32Operator(operator: Operator): (x: number, y: number) => number {
  switch (operator) {
    case 'Add': return (x, y) => (x + y) | 0;
    case 'Sub': return (x, y) => (x - y) | 0;
    case 'Mul': return (x, y) => Math.imul(x, y);
    case 'Div': return (x, y) => Math.trunc(x / y) | 0;
  }
}

function floatOperator(operator: Operator): (x: number, y: number) => number {
  switch (operator) {
    case 'Add': return (x, y) => Math.fround(x + y);
    case 'Sub': return (x, y) => Math.fround(x - y);
    case 'Mul': return (x, y) => Math.fround(x * y);
    case 'Div': return (x, y) => Math.fround(x / y);
  }
}

/** The index into a broadcast operand for an index into the result. */
function reader({ shape }: Tensor, result: readonly number[]): (index: number) => number {
  const own = stridesOf(shape);
  const outer = stridesOf(result);
  const offset = result.length - shape.length;
  return (index) => {
    let at = 0;
    shape.forEach((dimension, axis) => {
      if (dimension !== 1) at += (Math.floor(index / (outer[axis + offset] as number)) % dimension) * (own[axis] as number);
    });
    return at;
  };
}
