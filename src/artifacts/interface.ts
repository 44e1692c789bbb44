/** What lies between a model's own inputs and outputs and the integers that are proven, and of what the proven part consists. */
import { form, type Form, type Formed } from '../files/index.js';
import type { ElementType } from '../onnx/graph.js';

const Count = form.integer({ from: 0 });
/** JSON gives a float32 back exactly. */
const Scale = form.number({ above: 0 });
const ZeroPoint = form.integer();

export const ModelInterface = form.object({
  /** The inputs of the model under its own names, all dimensions known. */
  inputs: form.list(form.object({ name: form.text(), type: form.text() as Form<ElementType>, shape: form.list(Count) })),
  /** Float inputs that are quantized before the proof. */
  entries: form.list(form.object({ input: form.text(), tensor: form.text(), type: form.oneOf('uint8', 'int8', 'uint16', 'int16'), scale: Scale, zeroPoint: ZeroPoint })),
  /** Float outputs that are computed from proven integers, with a Softmax for display where the model ends with one. */
  exits: form.list(
    form.object({ tensor: form.text(), output: form.text(), scale: Scale, zeroPoint: ZeroPoint, dequantized: form.text(), softmaxAxis: form.optional(Count) }),
  ),
  /** How often the canonical graph has each operator. */
  operators: form.optional(form.record(Count)),
});
export type ModelInterface = Formed<typeof ModelInterface>;
