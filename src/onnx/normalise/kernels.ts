import type { ElementType } from '../graph.js';

const EIGHT_BIT = ['uint8', 'int8'] as const;
const SIXTEEN_BIT: ReadonlySet<ElementType> = new Set(['uint16', 'int16']);

/**
 * The integer types that the kernels of ONNX Runtime 1.30 take on the CPU, for operators that do not take all of them (found by
 * loading a model of each operator and type). A canonical graph uses no others, so that ONNX Runtime can run it.
 */
const KERNELS: Readonly<Record<string, ReadonlySet<ElementType>>> = {
  ArgMax: new Set([...EIGHT_BIT, 'int32', 'int64']),
  ArgMin: new Set([...EIGHT_BIT, 'int32', 'int64']),
  DepthToSpace: new Set(EIGHT_BIT),
  Max: new Set([...EIGHT_BIT, 'int32', 'uint32', 'int64', 'uint64']),
  MaxPool: new Set(EIGHT_BIT),
  Min: new Set([...EIGHT_BIT, 'int32', 'uint32', 'int64', 'uint64']),
  ReduceMax: new Set([...EIGHT_BIT, 'int32', 'int64']),
  ReduceMin: new Set([...EIGHT_BIT, 'int32', 'int64']),
  Resize: new Set([...EIGHT_BIT, 'int32']),
  SpaceToDepth: new Set(EIGHT_BIT),
  Trilu: new Set(['int32', 'int64', 'bool']),
  Where: new Set(['uint8', 'int32', 'int64']),
};

const NO_SIXTEEN_BIT: ReadonlySet<string> = new Set(['CenterCropPad', 'Pad']);

/** Whether ONNX Runtime has an integer kernel of an operator for tensors of a type. */
export function hasKernel(opType: string, type: ElementType): boolean {
  if (NO_SIXTEEN_BIT.has(opType)) return !SIXTEEN_BIT.has(type);
  return KERNELS[opType]?.has(type) ?? true;
}

/** Operators whose integer result is the same when their operands are widened to int32. */
export const WIDENABLE: ReadonlySet<string> = new Set(['ArgMax', 'ArgMin', 'Max', 'Min', 'ReduceMax', 'ReduceMin', 'Where']);
