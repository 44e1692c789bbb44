/** Inputs from a parsed JSON value. docs/inputs.md has the forms. */
import { ZkonnxError } from '../../errors/index.js';
import { newTensorData } from '../elementType.js';
import type { Tensor, ValueInfo } from '../graph.js';
import { formatShape } from '../shape.js';
import { numberOf } from './number.js';
import { fixedPointTensor, fixedPointTensors, isFixedPointDocument, isFixedPointTensor } from './openGradient.js';
import { namedInput, shapeOf, type CheckShape } from './target.js';

/**
 * The tensors of a JSON value: `{ "name": VALUE, … }`, a VALUE alone when the model has one input, or the tensors of OpenGradient.
 * VALUE is nested arrays, `{ "shape": […], "data": […] }`, or one tensor of OpenGradient.
 * @param name the input that the whole value is for
 * @throws ZkonnxError INPUT_MALFORMED, INPUT_UNKNOWN, INPUT_SHAPE, INPUT_TYPE, INPUT_RANGE
 */
export function tensorsFromJson({ inputs, values, name, checkShape }: {
  inputs: readonly ValueInfo[];
  values: unknown;
  name?: string | undefined;
  checkShape: CheckShape;
}): Map<string, Tensor> {
  if (name !== undefined) return new Map([[name, tensorFromJson(namedInput(inputs, name), values, checkShape)]]);
  if (isFixedPointDocument(values) && !inputs.some((input) => input.name === 'numbers')) return fixedPointTensors({ inputs, document: values, checkShape });
  const [only] = inputs;
  if (inputs.length === 1 && only !== undefined && !(isObject(values) && (Object.hasOwn(values, only.name) || !isTensor(values)))) {
    return new Map([[only.name, tensorFromJson(only, values, checkShape)]]);
  }
  if (!isObject(values)) throw new ZkonnxError('INPUT_MALFORMED', { message: 'The inputs are not a JSON object with one entry per input.', expected: inputs.map((input) => input.name).join(', '), found: Array.isArray(values) ? 'an array' : typeof values });
  return new Map(Object.entries(values).map(([own, value]) => [own, tensorFromJson(namedInput(inputs, own), value, checkShape)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTensor(value: unknown): boolean {
  return isFlat(value) || isFixedPointTensor(value);
}

function isFlat(value: unknown): value is { shape: unknown; data: unknown } {
  return isObject(value) && Object.hasOwn(value, 'data') && Object.keys(value).every((key) => key === 'shape' || key === 'data');
}

/** ONNX tensors have few dimensions; arrays nested deeper are not tensors. */
const MAX_RANK = 32;

function tensorFromJson(input: ValueInfo, value: unknown, checkShape: CheckShape): Tensor {
  if (isFixedPointTensor(value)) return fixedPointTensor({ input, tensor: value, checkShape });
  const elements: unknown[] = [];
  const shape = isFlat(value) ? flatShape(input, value, elements) : nestedShape(input, value, elements);
  checkShape(input, shape);
  const data = newTensorData(input.type, elements.length);
  if (data.length !== elements.length) throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The input '${input.name}' is of type ${input.type}.`, found: input.type });
  elements.forEach((element, index) => { data[index] = numberOf(input, element, index) as never; });
  return { type: input.type, shape, data };
}

function flatShape(input: ValueInfo, { shape, data }: { shape: unknown; data: unknown }, elements: unknown[]): number[] {
  if (!Array.isArray(data)) throw new ZkonnxError('INPUT_MALFORMED', { message: `"data" of the input '${input.name}' is not an array.` });
  const known = shapeOf(input, shape, data.length);
  for (const element of data as unknown[]) elements.push(element);
  return known;
}

function nestedShape(input: ValueInfo, value: unknown, elements: unknown[]): number[] {
  const shape: number[] = [];
  for (let level = value; Array.isArray(level); level = (level as unknown[])[0]) {
    shape.push(level.length);
    if (shape.length > MAX_RANK) throw new ZkonnxError('INPUT_MALFORMED', { message: `The input '${input.name}' is nested more than ${MAX_RANK} deep.` });
  }
  const visit = (level: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (Array.isArray(level)) throw ragged();
      elements.push(level);
      return;
    }
    if (!Array.isArray(level) || level.length !== shape[depth]) throw ragged();
    for (const item of level as unknown[]) visit(item, depth + 1);
  };
  const ragged = (): ZkonnxError => new ZkonnxError('INPUT_SHAPE', { message: `The rows of the input '${input.name}' differ in length.`, expected: formatShape(input.shape) });
  visit(value, 0);
  return shape;
}
