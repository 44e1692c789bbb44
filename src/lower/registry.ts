/** Which operators can be proven, and by which lowering. `docs/operators.md` is generated from this table. */
import type { GraphNode } from '../onnx/graph.js';
import { lowerArgMax, lowerArgMin } from './argmax.js';
import type { LoweringContext } from './context.js';
import { lowerQLinearAveragePool } from './averagePool.js';
import { lowerConvInteger, lowerQLinearConv } from './convolution.js';
import { lowerQLinearAdd, lowerQLinearConcat, lowerQLinearGlobalAveragePool, lowerQLinearLeakyRelu, lowerQLinearMul, lowerQLinearSigmoid, lowerQLinearWhere } from './contrib.js';
import { lowerDynamicGather, lowerDynamicOneHot } from './dynamicGather.js';
import { lowerAdd, lowerClip, lowerDequantizeLinear, lowerDiv, lowerExactUnary, lowerMul, lowerQuantizeLinear, lowerRelu, lowerSub } from './elementwise.js';
import { byType, byWidth, INTEGER_LOWERINGS } from './integerRegistry.js';
import { lowerMatMulInteger, lowerQGemm, lowerQLinearMatMul } from './matmul.js';
import { lowerGather, lowerMovement, lowerMovementBy } from './movement.js';
import { lowerMaxPool } from './pooling.js';
import { lowerQLinearSoftmax } from './softmax.js';

/** Appends the operations of one node to the program. */
export type Lowering = (node: GraphNode, context: LoweringContext) => void;

export const ONNX_DOMAIN = '';
export const MICROSOFT_DOMAIN = 'com.microsoft';

const LOWERINGS: Readonly<Record<string, Readonly<Record<string, Lowering>>>> = {
  [ONNX_DOMAIN]: {
    ...INTEGER_LOWERINGS,
    Abs: byType(INTEGER_LOWERINGS.Abs, lowerExactUnary(Math.abs, false)),
    Add: byType(INTEGER_LOWERINGS.Add, lowerAdd),
    ArgMax: lowerArgMax,
    ArgMin: lowerArgMin,
    CenterCropPad: lowerMovement,
    Clip: byWidth(INTEGER_LOWERINGS.Clip, lowerClip),
    Compress: lowerMovement,
    Concat: lowerMovement,
    ConvInteger: lowerConvInteger,
    DepthToSpace: lowerMovement,
    DequantizeLinear: lowerDequantizeLinear,
    Div: byType(INTEGER_LOWERINGS.Div, lowerDiv),
    Expand: lowerMovement,
    Flatten: lowerMovement,
    Gather: lowerGather,
    GatherElements: lowerMovementBy(1, lowerDynamicGather),
    GatherND: lowerMovementBy(1, lowerDynamicGather),
    Identity: lowerMovement,
    MatMulInteger: lowerMatMulInteger,
    MaxPool: lowerMaxPool,
    Mul: byType(INTEGER_LOWERINGS.Mul, lowerMul),
    Neg: byType(INTEGER_LOWERINGS.Neg, lowerExactUnary((x) => -x, false)),
    OneHot: lowerMovementBy(0, lowerDynamicOneHot),
    Pad: lowerMovement,
    QLinearConv: lowerQLinearConv,
    QLinearMatMul: lowerQLinearMatMul,
    QuantizeLinear: lowerQuantizeLinear,
    Relu: byWidth(INTEGER_LOWERINGS.Relu, lowerRelu),
    Reshape: lowerMovement,
    Resize: lowerMovement,
    ReverseSequence: lowerMovement,
    Scatter: lowerMovement,
    ScatterElements: lowerMovement,
    ScatterND: lowerMovement,
    Slice: lowerMovement,
    SpaceToDepth: lowerMovement,
    Split: lowerMovement,
    Squeeze: lowerMovement,
    Sub: byType(INTEGER_LOWERINGS.Sub, lowerSub),
    Tile: lowerMovement,
    Transpose: lowerMovement,
    Trilu: lowerMovement,
    Unsqueeze: lowerMovement,
  },
  [MICROSOFT_DOMAIN]: {
    QGemm: lowerQGemm,
    QLinearAdd: lowerQLinearAdd,
    QLinearAveragePool: lowerQLinearAveragePool,
    QLinearConcat: lowerQLinearConcat,
    QLinearGlobalAveragePool: lowerQLinearGlobalAveragePool,
    QLinearLeakyRelu: lowerQLinearLeakyRelu,
    QLinearMul: lowerQLinearMul,
    QLinearSigmoid: lowerQLinearSigmoid,
    QLinearSoftmax: lowerQLinearSoftmax,
    QLinearWhere: lowerQLinearWhere,
  },
};

/** The lowering of an operator, or undefined where there is none. */
export function lowering(domain: string, opType: string): Lowering | undefined {
  return LOWERINGS[domain]?.[opType];
}

/** Every operator that has a lowering, by domain. */
export function supportedOperators(): { domain: string; opType: string }[] {
  return Object.entries(LOWERINGS).flatMap(([domain, operators]) => Object.keys(operators).map((opType) => ({ domain, opType })));
}
