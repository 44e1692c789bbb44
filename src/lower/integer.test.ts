import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertEqualsRuntime } from '../../test/support/differential.js';
import { newTensorData } from '../onnx/elementType.js';
import type { ElementType, Tensor } from '../onnx/graph.js';
import { GraphBuilder, type AttributeValue } from '../onnx/testing/graphBuilder.js';
import { TYPE_RANGE, type RangedType } from '../program/program.js';

/** Random values, most of them at or near the edges of the type and around zero. */
class Values {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(n: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * n);
  }

  /** One value in [lo, hi]. */
  value(lo: number, hi: number): number {
    const near = (center: number): number => Math.min(Math.max(center + this.below(5) - 2, lo), hi);
    switch (this.below(6)) {
      case 0:
        return near(lo);
      case 1:
        return near(hi);
      case 2:
      case 3:
        return near(0);
      default:
        return lo + Math.floor((this.below(2 ** 26) / 2 ** 26) * (hi - lo + 1));
    }
  }

  tensor(type: RangedType, shape: readonly number[], { lo, hi }: { lo: number; hi: number } = TYPE_RANGE[type]): Tensor {
    const data = newTensorData(type, shape.reduce((total, size) => total * size, 1));
    for (let i = 0; i < data.length; i++) {
      const value = this.value(lo, hi);
      data[i] = (typeof data[i] === 'bigint' ? BigInt(value) : value) as never;
    }
    return { type, shape, data };
  }
}

interface Operand {
  readonly type: RangedType;
  readonly shape: readonly number[];
  /** Range of the values, narrower than the type. */
  readonly range?: { readonly lo: number; readonly hi: number };
  readonly constant?: readonly number[];
  /** A value that never occurs. */
  readonly never?: number;
}

interface Case {
  readonly op: string;
  readonly operands: readonly Operand[];
  readonly result: { readonly type: ElementType; readonly shape: readonly number[] };
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly opset?: number;
  readonly runs?: number;
  /** A second output. */
  readonly second?: { readonly type: ElementType; readonly shape: readonly number[] };
}

async function check({ op, operands, result, attributes = {}, opset = 18, runs = 3, second }: Case) {
  const builder = new GraphBuilder();
  const names = operands.map(({ type, shape, constant }, i) => {
    const name = `x${i}`;
    if (constant === undefined) builder.input(name, type, shape);
    else builder.constant(name, type, shape, constant);
    return name;
  });
  builder.node(op, names, second === undefined ? 'y' : ['y', 'z'], attributes);
  builder.output('y', result.type, result.shape);
  if (second !== undefined) builder.output('z', second.type, second.shape);
  const values = new Values(op.length * 7919 + operands.length + runs);
  const draw = ({ type, shape, range, never }: Operand): Tensor => {
    const tensor = values.tensor(type, shape, range);
    for (let i = 0; i < tensor.data.length; i++) if (Number(tensor.data[i]) === never) tensor.data[i] = (typeof tensor.data[i] === 'bigint' ? 7n : 7) as never;
    return tensor;
  };
  const open = operands.filter(({ constant }) => constant === undefined);
  return assertEqualsRuntime(builder.build(opset), Array.from({ length: runs }, () => open.map(draw)));
}

const SMALL: readonly RangedType[] = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'];
const ALL: readonly RangedType[] = [...SMALL, 'int64', 'uint64'];
/** Operands of 64-bit types stay where results have 52 bits. */
const half = (type: RangedType) => (type === 'int64' ? { range: { lo: -(2 ** 49), hi: 2 ** 49 } } : type === 'uint64' ? { range: { lo: 0, hi: 2 ** 51 - 1 } } : {});
const root = (type: RangedType) => (type === 'int64' ? { range: { lo: -(2 ** 25), hi: 2 ** 25 } } : type === 'uint64' ? { range: { lo: 0, hi: 2 ** 26 - 1 } } : {});

/** Of int64 ONNX Runtime 1.30 on x86 compares only 32 bits as it should in these operators. */
const ordered = (type: RangedType) => (type === 'int64' ? { range: TYPE_RANGE.int32 } : {});

describe('arithmetic of integer tensors equals ONNX Runtime', () => {
  const shape = [3, 8];
  for (const type of ALL) {
    const x = { type, shape };
    const row = { type, shape: [8] };
    const result = { type, shape };
    it(`Add, Sub, Mul of ${type} wrap around`, async () => {
      await check({ op: 'Add', operands: [{ ...x, ...half(type) }, { ...row, ...half(type) }], result });
      if (type !== 'uint64') await check({ op: 'Sub', operands: [{ ...x, ...half(type) }, { ...row, ...half(type) }], result });
      await check({ op: 'Mul', operands: [{ ...x, ...root(type) }, { ...row, ...root(type) }], result });
    });
    it(`Div and Mod of ${type}, by tensors and by constants`, async () => {
      // ONNX Runtime ends the process on −2^31 / −1.
      const dividend = type === 'int32' || type === 'int64' ? { ...x, range: { lo: TYPE_RANGE[type].lo + 1, hi: TYPE_RANGE[type].hi } } : x;
      const signed = !type.startsWith('u');
      const constant = { type, shape: [8], constant: signed ? [1, -1, 2, -3, 7, 100, -128, 127] : [1, 2, 3, 4, 7, 100, 128, 255] };
      for (const divisor of [{ ...row, never: 0 }, constant]) {
        await check({ op: 'Div', operands: [dividend, divisor], result });
        await check({ op: 'Mod', operands: [dividend, divisor], result });
        await check({ op: 'Mod', operands: [dividend, divisor], result, attributes: { fmod: 1 } });
      }
    });
  }
  it('Min and Max of one to four tensors, with broadcasting', async () => {
    for (const type of ['int8', 'uint8', 'int32', 'uint32', 'int64', 'uint64'] as const) {
      for (const op of ['Min', 'Max']) {
        await check({ op, operands: [{ type, shape: [3, 4], ...ordered(type) }, { type, shape: [4], ...ordered(type) }], result: { type, shape: [3, 4] } });
        await check({ op, operands: [{ type, shape: [3, 1], ...ordered(type) }, { type, shape: [4], ...ordered(type) }, { type, shape: [], ...ordered(type) }, { type, shape: [4], constant: [0, 1, 2, 100] }], result: { type, shape: [3, 4] } });
      }
      await check({ op: 'Max', operands: [{ type, shape: [5], ...ordered(type) }], result: { type, shape: [5] } });
    }
  });
  it('Abs, Neg, Sign', async () => {
    for (const type of ALL) {
      await check({ op: 'Abs', operands: [{ type, shape: [24], ...(type === 'int64' ? { range: { lo: -(2 ** 51) + 1, hi: 2 ** 51 - 1 } } : {}) }], result: { type, shape: [24] } });
      await check({ op: 'Sign', operands: [{ type, shape: [24], ...ordered(type) }], result: { type, shape: [24] } });
    }
    for (const type of ['int8', 'int32', 'int64'] as const) {
      await check({ op: 'Neg', operands: [{ type, shape: [24], ...(type === 'int64' ? { range: { lo: -(2 ** 51) + 1, hi: 2 ** 51 - 1 } } : {}) }], result: { type, shape: [24] } });
    }
  });
  it('Clip with constant and with computed bounds; Relu', async () => {
    for (const type of ['int8', 'uint8', 'int32', 'uint32', 'int64', 'uint64'] as const) {
      const [low, high] = type.startsWith('u') ? [10, 100] : [-100, 50];
      await check({ op: 'Clip', operands: [{ type, shape: [24], ...ordered(type) }, { type, shape: [], constant: [low] }, { type, shape: [], constant: [high] }], result: { type, shape: [24] } });
      await check({ op: 'Clip', operands: [{ type, shape: [24], ...ordered(type) }, { type, shape: [], ...ordered(type) }, { type, shape: [], ...ordered(type) }], result: { type, shape: [24] } });
      await check({ op: 'Clip', operands: [{ type, shape: [24], ...ordered(type) }, { type, shape: [], ...ordered(type) }], result: { type, shape: [24] } });
    }
    for (const type of ['int8', 'int32'] as const) await check({ op: 'Relu', operands: [{ type, shape: [24] }], result: { type, shape: [24] } });
  });
  it('Pow by constants and by tensors', async () => {
    for (const type of ['int32', 'int64'] as const) {
      for (const [exponent, reach] of [[0, 2 ** 31 - 1], [1, 2 ** 31 - 1], [2, 46_340], [3, 1290], [5, 73], [13, 5]] as const) {
        await check({ op: 'Pow', operands: [{ type, shape: [8], range: { lo: -reach, hi: reach } }, { type, shape: [], constant: [exponent] }], result: { type, shape: [8] } });
      }
      await check({ op: 'Pow', operands: [{ type, shape: [8], range: { lo: -5, hi: 5 } }, { type, shape: [8], range: { lo: 0, hi: 13 } }], result: { type, shape: [8] } });
    }
  });
});

describe('comparisons, logic and choice equal ONNX Runtime', () => {
  for (const type of ALL) {
    it(`inequalities and Equal of ${type}`, async () => {
      for (const op of ['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'Equal']) {
        await check({ op, operands: [{ type, shape: [3, 8] }, { type, shape: [8] }], result: { type: 'bool', shape: [3, 8] }, opset: 19 });
      }
    });
  }
  it('And, Or, Xor, Not, Equal of bool', async () => {
    for (const op of ['And', 'Or', 'Xor', 'Equal']) await check({ op, operands: [{ type: 'bool', shape: [4, 1, 6] }, { type: 'bool', shape: [5, 1] }], result: { type: 'bool', shape: [4, 5, 6] } });
    await check({ op: 'Not', operands: [{ type: 'bool', shape: [24] }], result: { type: 'bool', shape: [24] } });
  });
  it('Where', async () => {
    for (const type of ['uint8', 'int32', 'int64'] as const) {
      await check({ op: 'Where', operands: [{ type: 'bool', shape: [3, 1] }, { type, shape: [8] }, { type, shape: [3, 8] }], result: { type, shape: [3, 8] } });
    }
  });
});

describe('bits equal ONNX Runtime', () => {
  for (const type of ALL) {
    it(`BitwiseAnd, Or, Xor, Not of ${type}`, async () => {
      for (const op of ['BitwiseAnd', 'BitwiseOr', 'BitwiseXor']) {
        await check({ op, operands: [{ type, shape: [2, 8] }, { type, shape: [8] }], result: { type, shape: [2, 8] } });
        await check({ op, operands: [{ type, shape: [8] }, { type, shape: [8], constant: [0, 1, 2, 3, 64, 85, 100, 127] }], result: { type, shape: [8] } });
      }
      if (type !== 'uint64') await check({ op: 'BitwiseNot', operands: [{ type, shape: [8] }], result: { type, shape: [8] } });
    });
  }
  for (const [type, width] of [['uint8', 8], ['uint32', 32], ['uint64', 64]] as const) {
    it(`BitShift of ${type}`, async () => {
      for (const direction of ['LEFT', 'RIGHT']) {
        // Of 64-bit values 52 bits are exact.
        const left = direction === 'LEFT' && type === 'uint64';
        const x = { type, shape: [2, 8], ...(left ? { range: { lo: 0, hi: 2 ** 20 } } : {}) };
        const amounts = { lo: 0, hi: left ? 31 : Math.min(width - 1, 52) };
        await check({ op: 'BitShift', operands: [x, { type, shape: [8], range: amounts }], result: { type, shape: [2, 8] }, attributes: { direction } });
        await check({ op: 'BitShift', operands: [x, { type, shape: [], constant: [5] }], result: { type, shape: [2, 8] }, attributes: { direction } });
      }
    });
  }
});

describe('conversions equal ONNX Runtime', () => {
  for (const type of [...ALL, 'bool'] as const) {
    it(`Cast and CastLike of ${type}`, async () => {
      const targets = { bool: 9, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, uint32: 12, int64: 7, uint64: 13 } as const;
      for (const [target, to] of Object.entries(targets) as [RangedType, number][]) {
        // A negative value becomes one near 2^64.
        const range = target === 'uint64' && !type.startsWith('u') && type !== 'bool' ? { range: { lo: 0, hi: TYPE_RANGE[type].hi } } : target === 'int64' && type === 'uint64' ? { range: { lo: 0, hi: 2 ** 51 - 1 } } : {};
        await check({ op: 'Cast', operands: [{ type, shape: [16], ...range }], result: { type: target, shape: [16] }, attributes: { to } });
        await check({ op: 'CastLike', operands: [{ type, shape: [4], ...range }, { type: target, shape: [], constant: [0] }], result: { type: target, shape: [4] } });
      }
    });
  }
});

describe('reductions equal ONNX Runtime', () => {
  const axes = (...values: number[]): Operand => ({ type: 'int64', shape: [values.length], constant: values });
  const small = (type: RangedType, hi: number): Operand => ({ type, shape: [2, 3, 4], range: { lo: -hi, hi } });
  it('ReduceMax and ReduceMin', async () => {
    for (const type of ['int8', 'uint8', 'int32', 'int64', 'bool'] as const) {
      for (const op of ['ReduceMax', 'ReduceMin']) {
        await check({ op, operands: [{ type, shape: [2, 3, 4], ...ordered(type) }, axes(1)], result: { type, shape: [2, 1, 4] }, opset: 20 });
        await check({ op, operands: [{ type, shape: [2, 3, 4], ...ordered(type) }, axes(-1, 0)], result: { type, shape: [3] }, attributes: { keepdims: 0 }, opset: 20 });
      }
    }
  });
  for (const type of ['int32', 'int64'] as const) {
    it(`ReduceSum, ReduceProd, ReduceSumSquare, ReduceL1, ReduceMean of ${type}, while the result is in the type`, async () => {
      const [sum, square, product] = type === 'int32' ? [2 ** 27, 2 ** 13, 1290] : [2 ** 47, 2 ** 23, 2 ** 16];
      for (const [op, reach] of [['ReduceSum', sum], ['ReduceSumSquare', square], ['ReduceL1', sum], ['ReduceMean', sum], ['ReduceProd', product]] as const) {
        await check({ op, operands: [small(type, reach), axes(1)], result: { type, shape: [2, 1, 4] } });
        if (op !== 'ReduceProd') await check({ op, operands: [small(type, reach), axes(0, 2)], result: { type, shape: [3] }, attributes: { keepdims: 0 } });
      }
    });
  }
  it('a sum that leaves its type, where ONNX Runtime saturates, has no proof', async () => {
    const operands: Operand[] = [{ type: 'int32', shape: [2], range: { lo: 2 ** 31 - 1, hi: 2 ** 31 - 1 } }, axes(0)];
    await assert.rejects(check({ op: 'ReduceSum', operands, result: { type: 'int32', shape: [1] } }), { code: 'VALUE_UNPROVABLE' });
  });
  it('CumSum and CumProd, exclusive and reversed', async () => {
    for (const [exclusive, reverse] of [[0, 0], [0, 1], [1, 0], [1, 1]] as const) {
      for (const axis of [0, -1]) {
        const attributes = { exclusive, reverse };
        const at = { type: 'int32' as const, shape: [], constant: [axis] };
        await check({ op: 'CumSum', operands: [{ type: 'int32', shape: [4, 5] }, at], result: { type: 'int32', shape: [4, 5] }, attributes });
        await check({ op: 'CumSum', operands: [{ type: 'int64', shape: [4, 5], range: { lo: -(2 ** 48), hi: 2 ** 48 } }, at], result: { type: 'int64', shape: [4, 5] }, attributes });
        await check({ op: 'CumProd', operands: [{ type: 'int32', shape: [4, 5] }, at], result: { type: 'int32', shape: [4, 5] }, attributes, opset: 26 });
      }
    }
  });
});

describe('TopK equals ONNX Runtime', () => {
  for (const largest of [0, 1]) {
    it(largest === 1 ? 'largest' : 'smallest', async () => {
      for (const type of ['int32', 'int64'] as const) {
        for (const [axis, k, shape] of [[-1, 3, [3, 3]], [0, 2, [2, 6]]] as const) {
          // A narrow range makes many ties.
          for (const range of [{ lo: 0, hi: 3 }, { lo: TYPE_RANGE[type].lo, hi: TYPE_RANGE[type].hi }]) {
            const operands: Operand[] = [{ type, shape: [3, 6], range }, { type: 'int64', shape: [1], constant: [k] }];
            await check({ op: 'TopK', operands, result: { type, shape }, attributes: { axis, largest }, opset: 11, second: { type: 'int64', shape } });
          }
        }
      }
    });
  }
});

describe('MatMul of integer tensors equals ONNX Runtime', () => {
  for (const type of ['int32', 'uint32', 'int64', 'uint64'] as const) {
    it(`${type}, wrapping around; vectors and batches`, async () => {
      const narrow = type === 'int64' || type === 'uint64' ? { range: { lo: 0, hi: 2 ** 24 } } : {};
      await check({ op: 'MatMul', operands: [{ type, shape: [3, 4], ...narrow }, { type, shape: [4, 2], ...narrow }], result: { type, shape: [3, 2] } });
      await check({ op: 'MatMul', operands: [{ type, shape: [2, 1, 2, 3], ...narrow }, { type, shape: [3, 3, 2], ...narrow }], result: { type, shape: [2, 3, 2, 2] } });
      await check({ op: 'MatMul', operands: [{ type, shape: [4], ...narrow }, { type, shape: [2, 4, 3], ...narrow }], result: { type, shape: [2, 3] } });
      await check({ op: 'MatMul', operands: [{ type, shape: [2, 3, 4], ...narrow }, { type, shape: [4], constant: [1, 2, 3, 100] }], result: { type, shape: [2, 3] } });
    });
  }
});

describe('computed indices pick as ONNX Runtime does', () => {
  const index = (shape: readonly number[], size: number, type: 'int32' | 'int64' = 'int64'): Operand => ({ type, shape, range: { lo: -size, hi: size - 1 } });
  it('Gather along each axis, of activations and of constants', async () => {
    for (const [axis, size, result] of [[0, 3, [2, 2, 4, 5]], [1, 4, [3, 2, 2, 5]], [-1, 5, [3, 4, 2, 2]]] as const) {
      await check({ op: 'Gather', operands: [{ type: 'int8', shape: [3, 4, 5] }, index([2, 2], size)], result: { type: 'int8', shape: result }, attributes: { axis } });
    }
    const table: Operand = { type: 'int32', shape: [3, 2], constant: [5, -7, 2 ** 31 - 1, 0, 9, -(2 ** 31)] };
    await check({ op: 'Gather', operands: [table, index([4], 3, 'int32')], result: { type: 'int32', shape: [4, 2] } });
  });
  it('GatherElements and GatherND', async () => {
    await check({ op: 'GatherElements', operands: [{ type: 'uint8', shape: [3, 4] }, index([2, 4], 3)], result: { type: 'uint8', shape: [2, 4] }, attributes: { axis: 0 } });
    await check({ op: 'GatherElements', operands: [{ type: 'int64', shape: [3, 4] }, index([3, 7], 4)], result: { type: 'int64', shape: [3, 7] }, attributes: { axis: 1 } });
    await check({ op: 'GatherND', operands: [{ type: 'int32', shape: [3, 3, 4] }, index([5, 2], 3)], result: { type: 'int32', shape: [5, 4] } });
    await check({ op: 'GatherND', operands: [{ type: 'int32', shape: [2, 3, 4] }, index([2, 3, 1], 3)], result: { type: 'int32', shape: [2, 3, 4] }, attributes: { batch_dims: 1 } });
  });
  it('OneHot, indices out of range included', async () => {
    const depth: Operand = { type: 'int64', shape: [1], constant: [5] };
    for (const axis of [-1, 0, 1]) {
      const shape = axis === 0 ? [5, 2, 3] : axis === 1 ? [2, 5, 3] : [2, 3, 5];
      await check({ op: 'OneHot', operands: [{ type: 'int64', shape: [2, 3], range: { lo: -7, hi: 7 } }, depth, { type: 'int64', shape: [2] }], result: { type: 'int64', shape }, attributes: { axis } });
    }
  });
  it('an index outside of the axis has no proof', async () => {
    for (const index of [3, -4]) {
      const operands: Operand[] = [{ type: 'int8', shape: [3] }, { type: 'int64', shape: [1], range: { lo: index, hi: index } }];
      await assert.rejects(check({ op: 'Gather', operands, result: { type: 'int8', shape: [1] }, runs: 6 }), { code: 'VALUE_UNPROVABLE' });
    }
  });
});

describe('what has no proof is refused', () => {
  const refused = (code: string) => (error: unknown): boolean => (error as { code?: string }).code === code;
  it('division by zero and −2^31 / −1, which end the process of ONNX Runtime', async () => {
    const at = (value: number): Operand => ({ type: 'int32', shape: [1], range: { lo: value, hi: value } });
    await assert.rejects(check({ op: 'Div', operands: [at(7), at(0)], result: { type: 'int32', shape: [1] } }), refused('VALUE_UNPROVABLE'));
    await assert.rejects(check({ op: 'Mod', operands: [at(7), at(0)], result: { type: 'int32', shape: [1] } }), refused('VALUE_UNPROVABLE'));
    await assert.rejects(check({ op: 'Div', operands: [at(-(2 ** 31)), at(-1)], result: { type: 'int32', shape: [1] } }), refused('VALUE_UNPROVABLE'));
  });
  it('a constant divisor of 0, shifts beyond the width, 64-bit values beyond 52 bits', async () => {
    await assert.rejects(check({ op: 'BitShift', operands: [{ type: 'uint8', shape: [1] }, { type: 'uint8', shape: [1], range: { lo: 9, hi: 9 } }], result: { type: 'uint8', shape: [1] }, attributes: { direction: 'LEFT' } }), refused('VALUE_UNPROVABLE'));
    await assert.rejects(check({ op: 'Mul', operands: [{ type: 'int64', shape: [1], range: { lo: 2 ** 40, hi: 2 ** 40 } }, { type: 'int64', shape: [1], range: { lo: 2 ** 40, hi: 2 ** 40 } }], result: { type: 'int64', shape: [1] } }), refused('VALUE_UNPROVABLE'));
    await assert.rejects(check({ op: 'Div', operands: [{ type: 'uint8', shape: [1] }, { type: 'uint8', shape: [1], constant: [0] }], result: { type: 'uint8', shape: [1] } }), refused('OPERATOR_UNSUPPORTED'));
    await assert.rejects(check({ op: 'BitwiseNot', operands: [{ type: 'uint64', shape: [1] }], result: { type: 'uint64', shape: [1] } }), refused('OPERATOR_UNSUPPORTED'));
  });
  it('an int64 beyond 32 bits where ONNX Runtime on x86 compares lower halves only', async () => {
    const at = (value: number): Operand => ({ type: 'int64', shape: [4], range: { lo: value, hi: value } });
    const bound = (value: number): Operand => ({ type: 'int64', shape: [], constant: [value] });
    const result = { type: 'int64', shape: [4] } as const;
    for (const op of ['Max', 'Min']) await assert.rejects(check({ op, operands: [at(2 ** 31), at(1)], result }), refused('VALUE_UNPROVABLE'));
    await assert.rejects(check({ op: 'Sign', operands: [at(2 ** 31)], result }), refused('VALUE_UNPROVABLE'));
    await assert.rejects(check({ op: 'Clip', operands: [at(2 ** 31), bound(0)], result }), refused('VALUE_UNPROVABLE'));
    await assert.rejects(check({ op: 'Clip', operands: [at(1), bound(0), bound(2 ** 31)], result }), refused('OPERATOR_UNSUPPORTED'));
    await check({ op: 'Clip', operands: [at(2 ** 31 - 1), bound(0), bound(2 ** 32)], result });
    await assert.rejects(check({ op: 'ReduceMin', operands: [at(2 ** 31), { type: 'int64', shape: [1], constant: [0] }], result: { type: 'int64', shape: [1] } }), refused('VALUE_UNPROVABLE'));
  });
  it('an axis of a scalar, which ONNX Runtime refuses too', async () => {
    const scalar: Operand = { type: 'int32', shape: [] };
    for (const op of ['ReduceMin', 'ReduceSum']) await assert.rejects(check({ op, operands: [scalar, { type: 'int64', shape: [1], constant: [0] }], result: { type: 'int32', shape: [] } }), refused('MODEL_INVALID'));
    await assert.rejects(check({ op: 'CumSum', operands: [scalar, { type: 'int64', shape: [], constant: [0] }], result: { type: 'int32', shape: [] } }), refused('MODEL_INVALID'));
    await assert.rejects(check({ op: 'ArgMax', operands: [scalar], result: { type: 'int64', shape: [] } }), refused('MODEL_INVALID'));
  });
  it('shapes that depend on the data', async () => {
    for (const op of ['NonZero', 'Unique']) await assert.rejects(check({ op, operands: [{ type: 'int64', shape: [4] }], result: { type: 'int64', shape: [1, 4] } }), refused('OPERATOR_UNSUPPORTED'));
  });
});
