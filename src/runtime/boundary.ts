/** What happens outside the proof: float inputs become integers before it, integer outputs become floats after it. */
import { ZkonnxError } from '../errors/index.js';
import { newTensorData } from '../onnx/elementType.js';
import { dequantizeValue, quantizeValue } from '../onnx/float32.js';
import { elementCount, type Tensor } from '../onnx/graph.js';
import type { CanonicalGraph, EntryQuantize, ExitDequantize } from '../onnx/normalise.js';

/**
 * Quantizes a float input exactly as ONNX Runtime's QuantizeLinear does: float32 division, clamp, round half to even, zero point.
 * Infinities saturate.
 * @throws ZkonnxError INPUT_RANGE for NaN (which ONNX Runtime turns into different integers on different processors), INPUT_TYPE.
 */
export function quantizeEntry(entry: EntryQuantize, tensor: Tensor): Tensor {
  if (tensor.type !== 'float32') throw new ZkonnxError('INPUT_TYPE', { message: `The input '${entry.input}' has the wrong element type.`, expected: 'float32', found: tensor.type });
  const data = newTensorData(entry.type, tensor.data.length) as Int32Array;
  (tensor.data as Float32Array).forEach((value, index) => {
    if (Number.isNaN(value)) throw new ZkonnxError('INPUT_RANGE', { message: `Element ${index} of the input '${entry.input}' is NaN.`, expected: 'a number', found: 'NaN' });
    data[index] = quantizeValue(value, entry);
  });
  return { type: entry.type, shape: tensor.shape, data };
}

/**
 * The inputs of the core from the inputs of the model: float ones are quantized, integer ones stay.
 * @throws ZkonnxError INPUT_MISSING, INPUT_RANGE, INPUT_TYPE
 */
export function coreInputs({ graph, entries }: CanonicalGraph, inputs: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map(graph.inputs.map(({ name }) => {
    const entry = entries.find(({ tensor }) => tensor === name);
    const given = inputs.get(entry?.input ?? name);
    if (given === undefined) throw new ZkonnxError('INPUT_MISSING', { message: `The input '${entry?.input ?? name}' was not given.` });
    return [name, entry === undefined ? given : quantizeEntry(entry, given)];
  }));
}

/** The float output behind an integer output, bit for bit as ONNX Runtime's DequantizeLinear gives it; without the Softmax. */
export function dequantizeExit(exit: ExitDequantize, tensor: Tensor): Tensor {
  return { type: 'float32', shape: tensor.shape, data: Float32Array.from(tensor.data as Int32Array, (value) => dequantizeValue(value, exit)) };
}

/** Softmax along an axis in double precision, for display only: no claim is made about its last bits. */
export function softmax(tensor: Tensor, axis: number): Tensor {
  const length = tensor.shape[axis] as number;
  const inner = elementCount(tensor.shape.slice(axis + 1));
  const values = tensor.data as Float32Array;
  const data = new Float32Array(values.length);
  for (let start = 0; start < values.length; start++) {
    if (Math.floor(start / inner) % length !== 0) continue;
    const row = Array.from({ length }, (_, step) => values[start + step * inner] as number);
    const largest = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - largest));
    const sum = powers.reduce((total, power) => total + power, 0);
    powers.forEach((power, step) => { data[start + step * inner] = power / sum; });
  }
  return { type: 'float32', shape: tensor.shape, data };
}

/** The outputs of the model from the outputs of the core, integers and then floats, by the names of the model. */
export function modelOutputs({ exits, integerOutputs }: CanonicalGraph, outputs: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const results = new Map(integerOutputs.map((name) => [name, outputs.get(name) as Tensor]));
  for (const exit of exits) {
    const float = dequantizeExit(exit, outputs.get(exit.tensor) as Tensor);
    results.set(exit.output, exit.softmaxAxis === undefined ? float : softmax(float, exit.softmaxAxis));
  }
  return results;
}
