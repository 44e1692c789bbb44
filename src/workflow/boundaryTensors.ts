/** Tensors on the way into the proof and out of it: typed, integer, and as JSON. */
import type { IntegerTensor, ModelInterface } from '../artifacts/index.js';
import { newTensorData } from '../onnx/elementType.js';
import type { Tensor } from '../onnx/graph.js';
import type { Integers } from '../program/interval.js';
import { isRangedType, TYPE_RANGE } from '../program/program.js';
import { dequantizeExit, quantizeEntry, softmax } from '../runtime/boundary.js';
import type { PublicLayout, PublicTensor, PublicType } from '../verify/publicLayout.js';
import { ZkonnxError } from '../errors/index.js';

/**
 * The integers that are proven about, from the inputs of the model: float inputs are quantized, integer inputs stay.
 * @throws ZkonnxError INPUT_MISSING, INPUT_TYPE, INPUT_RANGE
 */
export function provenInputs({ layout, entries }: { readonly layout: PublicLayout; readonly entries: ModelInterface['entries'] }, given: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map(
    layout.inputs.map(({ name }) => {
      const entry = entries.find(({ tensor }) => tensor === name);
      const tensor = given.get(entry?.input ?? name);
      if (tensor === undefined) throw new ZkonnxError('INPUT_MISSING', { message: `The input '${entry?.input ?? name}' was not given.` });
      return [name, entry === undefined ? inProgramRange(name, tensor) : quantizeEntry(entry, tensor)];
    }),
  );
}

/** The program computes with less than 64 bits: larger elements of 64-bit inputs are refused. */
function inProgramRange(name: string, tensor: Tensor): Tensor {
  const range = isRangedType(tensor.type) ? TYPE_RANGE[tensor.type] : undefined;
  const beyond = range === undefined ? -1 : (tensor.data as Float64Array).findIndex((value) => value < range.lo || value > range.hi);
  if (range === undefined || beyond < 0) return tensor;
  throw new ZkonnxError('INPUT_RANGE', { message: `Element ${beyond} of the input '${name}' is outside what can be proven.`, expected: `${range.lo} to ${range.hi}`, found: String(tensor.data[beyond]) });
}

/** What the model's own float outputs are, from proven integers. Display only: it is not part of the statement. */
export function floatOutputs({ exits }: Pick<ModelInterface, 'exits'>, outputs: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const floats = new Map<string, Tensor>();
  for (const exit of exits) {
    const tensor = outputs.get(exit.tensor);
    if (tensor === undefined) continue;
    const float = dequantizeExit(exit, tensor);
    floats.set(exit.output, exit.softmaxAxis === undefined ? float : softmax(float, exit.softmaxAxis));
  }
  return floats;
}

/** Integers of the program as a tensor of their own type. */
export function typedTensor({ type, shape }: Pick<Tensor, 'type' | 'shape'>, values: Integers): Tensor {
  const data = newTensorData(type, values.length);
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  for (let index = 0; index < values.length; index++) data[index] = (wide ? BigInt(values[index] as number) : values[index]) as never;
  return { type, shape, data };
}

/** The elements of a tensor as integers of the program. */
export function programIntegers({ data }: Tensor): Integers {
  return Float64Array.from(data as ArrayLike<number | bigint>, Number);
}

/** A proven tensor as JSON. */
export function tensorToJson({ type, shape }: Pick<PublicTensor, 'type' | 'shape'>, tensor: Tensor): IntegerTensor {
  return { type, shape: [...shape], data: Array.from(tensor.data as ArrayLike<number | bigint>, Number) };
}

/** A proven tensor from JSON whose values have been checked against its type. */
export function tensorFromJson({ type, shape, data }: IntegerTensor): Tensor {
  return typedTensor({ type: type satisfies PublicType, shape }, Float64Array.from(data));
}
