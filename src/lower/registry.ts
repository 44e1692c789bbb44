/** Which operators can be proven, and by which lowering. `docs/operators.md` is generated from this table. */
import type { GraphNode } from '../onnx/graph.js';
import { lowerArgMax, lowerArgMin } from './argmax.js';
import type { LoweringContext } from './context.js';
import { lowerQLinearAveragePool } from './averagePool.js';
import { lowerConvInteger, lowerQLinearConv } from './convolution.js';
import { lowerQLinearAdd, lowerQLinearConcat, lowerQLinearGlobalAveragePool, lowerQLinearLeakyRelu, lowerQLinearMul, lowerQLinearSigmoid } from './contrib.js';
import { lowerAdd, lowerClip, lowerDequantizeLinear, lowerDiv, lowerExactUnary, lowerMul, lowerQuantizeLinear, lowerRelu, lowerSub } from './elementwise.js';
import { lowerMatMulInteger, lowerQGemm, lowerQLinearMatMul } from './matmul.js';
import { lowerReshape, lowerTranspose } from './movement.js';
import { lowerMaxPool } from './pooling.js';
import { lowerTableGather } from './table.js';

/** Appends the operations of one node to the program. */
export type Lowering = (node: GraphNode, context: LoweringContext) => void;

export const ONNX_DOMAIN = '';
export const MICROSOFT_DOMAIN = 'com.microsoft';

const LOWERINGS: Readonly<Record<string, Readonly<Record<string, Lowering>>>> = {
  [ONNX_DOMAIN]: {
    Abs: lowerExactUnary(Math.abs, false),
    Add: lowerAdd,
    ArgMax: lowerArgMax,
    ArgMin: lowerArgMin,
    Clip: lowerClip,
    ConvInteger: lowerConvInteger,
    DequantizeLinear: lowerDequantizeLinear,
    Div: lowerDiv,
    Flatten: lowerReshape,
    Gather: lowerTableGather,
    Identity: lowerReshape,
    MatMulInteger: lowerMatMulInteger,
    MaxPool: lowerMaxPool,
    Mul: lowerMul,
    Neg: lowerExactUnary((x) => -x, false),
    QLinearConv: lowerQLinearConv,
    QLinearMatMul: lowerQLinearMatMul,
    QuantizeLinear: lowerQuantizeLinear,
    Relu: lowerRelu,
    Reshape: lowerReshape,
    Squeeze: lowerReshape,
    Sub: lowerSub,
    Transpose: lowerTranspose,
    Unsqueeze: lowerReshape,
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
