import type { GraphNode, TypedGraph } from '../onnx/graph.js';

/** Where the two factors of an integer product are among the inputs of a node. */
const FACTORS: Readonly<Record<string, readonly [number, number]>> = {
  ConvInteger: [0, 1],
  MatMulInteger: [0, 1],
  QGemm: [0, 3],
  QLinearConv: [0, 3],
  QLinearMatMul: [0, 3],
};

/**
 * Operators whose kernels in ONNX Runtime round differently on different processors: other instructions (fused or not, fixed point on
 * arm64 in the average), other orders of float sums, or a library function.
 *
 * QLinearConcat, QLinearLeakyRelu and QLinearWhere are not among them: their kernels look up a table of 256 values, each made by
 * multiplications and divisions that IEEE 754 defines, and of none of which a compiler can fuse two.
 */
const UNPORTABLE: ReadonlySet<string> = new Set(['QLinearAdd', 'QLinearAveragePool', 'QLinearGlobalAveragePool', 'QLinearMul', 'QLinearReduceMean', 'QLinearSigmoid', 'QLinearSoftmax']);

/** A node that other processors may compute differently, and why. */
export interface UnportableNode {
  readonly node: string;
  readonly reason: string;
}

/** The nodes of a canonical graph whose bits ONNX Runtime does not compute alike on every processor. */
export function unportableNodes({ nodes, types }: Pick<TypedGraph, 'nodes' | 'types'>): UnportableNode[] {
  return nodes.flatMap((node) => {
    const reason = reasonOf(node, types);
    return reason === undefined ? [] : [{ node: node.name, reason }];
  });
}

function reasonOf({ opType, inputs }: GraphNode, types: TypedGraph['types']): string | undefined {
  // Between DequantizeLinear and QuantizeLinear. By a constant it is a table.
  if (opType === 'Div' && types.get(inputs[1] ?? '')?.type === 'float32') return '0 / 0 is not a number, and processors quantize that to different integers';
  if (UNPORTABLE.has(opType)) return `${opType} rounds differently on different processors`;
  const factors = FACTORS[opType];
  if (factors === undefined) return undefined;
  const [a, b] = factors.map((index) => types.get(inputs[index] ?? '')?.type);
  return a === 'uint8' && b === 'int8' ? 'products of uint8 and int8 saturate on x86 processors without VNNI' : undefined;
}
