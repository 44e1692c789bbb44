/** Which family quantizes an operator. To add one, write its file and list it here. */
import type { GraphNode, TypedGraph } from '../../onnx/graph.js';
import { AFFINE, DENSE, INTERNAL_DOMAIN, MASKED_SOFTMAX } from '../internalOperators.js';
import type { LayerKind } from '../plan/layer.js';
import { CONV, CONV_TRANSPOSE, DENSE_LAYER } from './convolution.js';
import { LAYER_NORM } from './layerNorm.js';
import { MATMUL } from './matmul.js';
import { INTEGER, MOVEMENT, moves } from './movement.js';
import { AVERAGE_POOL, GLOBAL_AVERAGE, reductionLayer } from './pooling.js';
import { SOFTMAX } from './softmax.js';
import { AFFINE_LAYER, isOfTensors, PRODUCT_LAYER, sumLayer } from './sum.js';
import { PRELU } from './table.js';
import { isIntegerNode } from '../plan/integerNode.js';

export { CUT, TABLE } from './table.js';

const INTERNAL: Readonly<Record<string, LayerKind>> = { [AFFINE]: AFFINE_LAYER, [DENSE]: DENSE_LAYER, [MASKED_SOFTMAX]: SOFTMAX };

const KINDS: Readonly<Record<string, LayerKind>> = {
  AveragePool: AVERAGE_POOL,
  Conv: CONV,
  ConvTranspose: CONV_TRANSPOSE,
  GlobalAveragePool: GLOBAL_AVERAGE,
  LayerNormalization: LAYER_NORM,
  MatMul: MATMUL,
  PRelu: PRELU,
  ReduceMean: reductionLayer(true),
  ReduceSum: reductionLayer(false),
  Softmax: SOFTMAX,
};

const OF_TENSORS: Readonly<Record<string, LayerKind>> = { Add: sumLayer(1), Mul: PRODUCT_LAYER, Sub: sumLayer(-1) };

/** How a node is quantized, or undefined when it cannot be. */
export function kindOf(node: GraphNode, graph: TypedGraph): LayerKind | undefined {
  if (node.domain === INTERNAL_DOMAIN) return INTERNAL[node.opType];
  if (node.domain !== '') return undefined;
  if (isIntegerNode(node, graph)) return INTEGER;
  if (isOfTensors(node, graph) && OF_TENSORS[node.opType] !== undefined) return OF_TENSORS[node.opType];
  return KINDS[node.opType] ?? (moves(node, graph) ? MOVEMENT : undefined);
}
