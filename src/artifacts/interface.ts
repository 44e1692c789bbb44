/** What lies between a model's own inputs and outputs and the integers that are proven. */
import { z } from 'zod';
import type { ElementType } from '../onnx/graph.js';

const Count = z.number().int().nonnegative();
/** JSON gives a float32 back exactly. */
const Scale = z.number().positive();
const ZeroPoint = z.number().int();

export const ModelInterface = z.object({
  /** The inputs of the model under its own names, all dimensions known. */
  inputs: z.array(z.object({ name: z.string(), type: z.string().transform((type) => type as ElementType), shape: z.array(Count) })),
  /** Float inputs that are quantized before the proof. */
  entries: z.array(z.object({ input: z.string(), tensor: z.string(), type: z.enum(['uint8', 'int8', 'uint16', 'int16']), scale: Scale, zeroPoint: ZeroPoint })),
  /** Float outputs that are computed from proven integers, with a Softmax for display where the model ends with one. */
  exits: z.array(
    z.object({ tensor: z.string(), output: z.string(), scale: Scale, zeroPoint: ZeroPoint, dequantized: z.string(), softmaxAxis: Count.exactOptional() }),
  ),
});
export type ModelInterface = z.infer<typeof ModelInterface>;
