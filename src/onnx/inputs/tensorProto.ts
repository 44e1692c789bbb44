import { ZkonnxError } from '../../errors/index.js';
import { decodeNamedTensor } from '../decodeTensor.js';
import type { Tensor, ValueInfo } from '../graph.js';
import { targetInput, type CheckShape } from './target.js';

/** The tensor of a TensorProto file, by the name of its input. @throws ZkonnxError INPUT_MALFORMED, INPUT_UNKNOWN, INPUT_SHAPE, INPUT_TYPE */
export function tensorFromProtoFile({ inputs, bytes, name, checkShape }: {
  inputs: readonly ValueInfo[];
  bytes: Uint8Array;
  name: string | undefined;
  checkShape: CheckShape;
}): Map<string, Tensor> {
  const { name: ownName, tensor } = decodeNamedTensor({ bytes });
  const input = targetInput({ inputs, name, ownName, what: 'TensorProto' });
  checkShape(input, tensor.shape);
  if (tensor.type !== input.type) throw new ZkonnxError('INPUT_TYPE', { message: `The input '${input.name}' has the wrong element type.`, expected: input.type, found: tensor.type });
  return new Map([[input.name, tensor]]);
}
