/** Which input of the model a tensor from a file is for, and whether it fits. */
import { ZkonnxError } from '../../errors/index.js';
import { elementCount, type ValueInfo } from '../graph.js';
import { formatShape, sameShape } from '../shape.js';

/** Throws INPUT_SHAPE for a shape that the input does not take. */
export type CheckShape = (input: ValueInfo, shape: readonly number[]) => void;

/** Exactly the shape of the model. */
export const checkShape: CheckShape = (input, shape) => {
  const expected = input.shape as readonly number[];
  if (!sameShape(shape, expected)) throw wrongShape(input, shape, formatShape(expected));
};

/** The error for a shape; where only the nesting is missing it says how to give the shape. */
function wrongShape({ name, shape: wanted }: ValueInfo, shape: readonly number[], expected: string): ZkonnxError {
  const isFlat = elementCount(shape) === elementCount(wanted as readonly number[]);
  return new ZkonnxError('INPUT_SHAPE', {
    message: `The input '${name}' has the wrong shape.`,
    expected,
    found: formatShape(shape),
    ...(isFlat ? { fix: `The number of elements is right. Nest them, or write { "${name}": { "shape": ${formatShape(wanted)}, "data": [...] } } (docs/inputs.md).` } : {}),
  });
}

/** The shape of the model, or as many of them along the first dimension as one likes. */
export const checkSetOfShapes: CheckShape = (input, shape) => {
  const { shape: expected } = input;
  const [first, ...rest] = expected as readonly number[];
  const [outer, ...inner] = shape;
  if (first !== undefined && first > 0 && outer !== undefined && outer > 0 && outer % first === 0 && sameShape(inner, rest)) return;
  if (sameShape(shape, expected as readonly number[])) return;
  throw wrongShape(input, shape, `${formatShape(expected)}, or several of them along the first dimension`);
};

/** The input of a name. @throws ZkonnxError INPUT_UNKNOWN */
export function namedInput(inputs: readonly ValueInfo[], name: string): ValueInfo {
  const input = inputs.find((candidate) => candidate.name === name);
  if (input === undefined) throw new ZkonnxError('INPUT_UNKNOWN', { message: `The model has no input called '${name}'.`, expected: inputs.map((candidate) => candidate.name).join(', '), found: name });
  return input;
}

/**
 * The input that one tensor is for: what the caller says, else the name in the file, else the only input of the model.
 * @param what the kind of file, for the message
 * @throws ZkonnxError INPUT_UNKNOWN
 */
export function targetInput({ inputs, name, ownName, what }: { inputs: readonly ValueInfo[]; name: string | undefined; ownName?: string; what: string }): ValueInfo {
  if (name !== undefined) return namedInput(inputs, name);
  const own = inputs.find((input) => input.name === ownName);
  if (own !== undefined) return own;
  const [only] = inputs;
  if (inputs.length === 1 && only !== undefined) return only;
  throw new ZkonnxError('INPUT_UNKNOWN', {
    message: ownName === undefined ? `The model has several inputs, and ${what} does not say which one it is for.` : `The ${what} is called '${ownName}', but the model has no such input.`,
    expected: inputs.map((input) => input.name).join(', '),
    found: ownName === undefined || ownName === '' ? 'no name' : ownName,
    fix: 'Say which input it is: --input NAME=FILE.',
  });
}

/**
 * A list of sizes that a number of values fits; the model's own where none is given.
 * @throws ZkonnxError INPUT_MALFORMED, INPUT_SHAPE
 */
export function shapeOf(input: ValueInfo, shape: unknown, count: number): number[] {
  const known = shape === undefined ? input.shape : shape;
  if (!Array.isArray(known) || !known.every((dimension): dimension is number => Number.isSafeInteger(dimension) && (dimension as number) >= 0)) {
    throw new ZkonnxError('INPUT_MALFORMED', { message: `"shape" of the input '${input.name}' is not a list of sizes.` });
  }
  if (elementCount(known) !== count) throw new ZkonnxError('INPUT_SHAPE', { message: `The input '${input.name}' has ${count} values, which do not fit the shape ${formatShape(known)}.`, expected: `${elementCount(known)} values`, found: String(count) });
  return [...known];
}
