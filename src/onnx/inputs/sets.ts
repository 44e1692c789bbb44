/** Arrays that hold the inputs of many inferences along their first dimension. */
import { ZkonnxError } from '../../errors/index.js';
import { elementCount, type Tensor, type ValueInfo } from '../graph.js';

/** How many inferences the tensors hold. @throws ZkonnxError INPUT_SHAPE when they hold different numbers */
export function setSize({ inputs, tensors }: { inputs: readonly ValueInfo[]; tensors: ReadonlyMap<string, Tensor> }): number {
  const counts = inputs.map(({ name, shape }) => ({ name, count: (tensors.get(name) as Tensor).data.length / Math.max(1, elementCount(shape as readonly number[])) }));
  const [first] = counts;
  const other = counts.find(({ count }) => count !== first?.count);
  if (first !== undefined && other !== undefined) throw new ZkonnxError('INPUT_SHAPE', { message: `The inputs '${first.name}' and '${other.name}' hold different numbers of inferences.`, expected: `${first.count} for each`, found: `${other.count} for '${other.name}'` });
  return first?.count ?? 1;
}

/** The inputs of each of `count` inferences. */
export function splitSets({ inputs, tensors, count }: { inputs: readonly ValueInfo[]; tensors: ReadonlyMap<string, Tensor>; count: number }): Map<string, Tensor>[] {
  return Array.from({ length: count }, (_, index) => new Map(inputs.map(({ name, shape }) => {
    const { type, data } = tensors.get(name) as Tensor;
    const length = elementCount(shape as readonly number[]);
    return [name, { type, shape: shape as readonly number[], data: data.slice(index * length, (index + 1) * length) }];
  })));
}
