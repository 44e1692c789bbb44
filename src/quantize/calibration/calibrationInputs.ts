/** Calibration inputs, checked against the model and brought into batches. */
import { ZkonnxError } from '../../errors/index.js';
import { newTensorData } from '../../onnx/elementType.js';
import { elementCount, type Graph, type Tensor, type ValueInfo } from '../../onnx/graph.js';
import { formatShape } from '../../onnx/shape.js';

export type InputSet = ReadonlyMap<string, Tensor>;

/** One inference for each set of inputs, by name. */
export type CalibrationInputs = readonly Readonly<Record<string, Tensor>>[];

/**
 * Checks every set: all inputs and no others, with the types and shapes of the model, and finite.
 * @returns the sets; one with several times the batch of the model is cut into that many
 * @throws ZkonnxError USAGE without any, INPUT_MISSING, INPUT_UNKNOWN, INPUT_TYPE, INPUT_SHAPE, INPUT_RANGE
 */
export function checkCalibration({ inputs }: Pick<Graph, 'inputs'>, calibration: CalibrationInputs): InputSet[] {
  if (calibration.length === 0) throw new ZkonnxError('USAGE', { message: 'Quantization needs calibration inputs: the ranges of the tensors inside the model depend on them.', expected: 'at least one set of inputs', found: 'none' });
  const names = inputs.map(({ name }) => name);
  return calibration.flatMap((given, number) => {
    const where = `calibration input ${number}`;
    const stranger = Object.keys(given).find((name) => !names.includes(name));
    if (stranger !== undefined) throw new ZkonnxError('INPUT_UNKNOWN', { message: `In ${where}, '${stranger}' is no input of the model.`, expected: names.join(', '), found: stranger });
    const set = new Map<string, Tensor>();
    for (const info of inputs) {
      const tensor = Object.hasOwn(given, info.name) ? given[info.name] : undefined;
      if (tensor === undefined) throw new ZkonnxError('INPUT_MISSING', { message: `In ${where}, the input '${info.name}' of the model is missing.`, expected: names.join(', '), found: Object.keys(given).join(', ') || 'nothing' });
      checkTensor(info, tensor, where);
      set.set(info.name, tensor);
    }
    return slices(inputs, set, where);
  });
}

function checkTensor({ name, type, shape, unknownRank }: ValueInfo, tensor: Tensor, where: string): void {
  if (tensor.type !== type) throw new ZkonnxError('INPUT_TYPE', { message: `In ${where}, '${name}' has the wrong element type.`, expected: type, found: tensor.type });
  const fits = tensor.shape.length === shape.length && tensor.shape.every((size, axis) => size > 0 && (axis === 0 || typeof shape[axis] === 'string' || shape[axis] === size));
  if ((!unknownRank && !fits) || elementCount(tensor.shape) !== tensor.data.length || tensor.data.length === 0) {
    throw new ZkonnxError('INPUT_SHAPE', { message: `In ${where}, '${name}' has the wrong shape.`, expected: unknownRank ? 'a shape that fits the data' : formatShape(shape), found: `${formatShape(tensor.shape)} with ${tensor.data.length} elements` });
  }
  if (!(tensor.data instanceof Float32Array)) return;
  const bad = tensor.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new ZkonnxError('INPUT_RANGE', { message: `In ${where}, element ${bad} of '${name}' is not finite.`, expected: 'a number', found: String(tensor.data[bad]) });
}

/** A fixed leading dimension takes so many at a time. */
function slices(inputs: readonly ValueInfo[], set: InputSet, where: string): InputSet[] {
  const counts = inputs.map(({ name, shape }) => {
    const [own] = shape;
    const given = (set.get(name) as Tensor).shape[0] ?? 1;
    return typeof own === 'number' ? given / own : 1;
  });
  const [count = 1] = counts;
  if (counts.some((other) => other !== count || !Number.isInteger(other))) {
    throw new ZkonnxError('INPUT_SHAPE', { message: `In ${where}, the leading dimensions do not fit the batch of the model.`, expected: inputs.map(({ name, shape }) => `${name} ${formatShape(shape)}`).join(', '), found: [...set].map(([name, { shape }]) => `${name} ${formatShape(shape)}`).join(', ') });
  }
  if (count === 1) return [set];
  return Array.from({ length: count }, (_, index) => new Map([...set].map(([name, tensor]) => {
    const size = tensor.data.length / count;
    return [name, { ...tensor, shape: [(tensor.shape[0] as number) / count, ...tensor.shape.slice(1)], data: tensor.data.slice(index * size, (index + 1) * size) }];
  })));
}

/** Sets of equal shapes joined along their leading dimension, at most `size` in one. */
export function joinBatches(sets: readonly InputSet[], size: number): InputSet[] {
  const joined: InputSet[] = [];
  for (let start = 0; start < sets.length; ) {
    const first = sets[start] as InputSet;
    let end = start + 1;
    while (end < sets.length && end - start < size && sameShapes(first, sets[end] as InputSet)) end++;
    joined.push(end - start === 1 ? first : join(sets.slice(start, end)));
    start = end;
  }
  return joined;
}

function sameShapes(a: InputSet, b: InputSet): boolean {
  return [...a].every(([name, { shape }]) => b.get(name)?.shape.join() === shape.join());
}

function join(sets: readonly InputSet[]): InputSet {
  const [first] = sets as [InputSet];
  return new Map([...first].map(([name, { type, shape }]) => {
    const parts = sets.map((set) => set.get(name) as Tensor);
    const data = newTensorData(type, parts.reduce((total, part) => total + part.data.length, 0));
    let at = 0;
    for (const part of parts) {
      data.set(part.data as never, at);
      at += part.data.length;
    }
    return [name, { type, shape: [(shape[0] as number) * sets.length, ...shape.slice(1)], data }];
  }));
}
