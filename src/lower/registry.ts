/** Which operators can be proven, and by which lowering. `docs/operators.md` is generated from this table. */
import type { GraphNode } from '../onnx/graph.js';
import { lowerArgMax, lowerArgMin } from './argmax.js';
import type { LoweringContext } from './context.js';
import { lowerConvInteger, lowerQLinearConv } from './convolution.js';
import { lowerClip, lowerDequantizeLinear, lowerQuantizeLinear, lowerRelu } from './elementwise.js';
import { lowerMatMulInteger, lowerQGemm, lowerQLinearMatMul } from './matmul.js';
import { lowerReshape, lowerTranspose } from './movement.js';
import { lowerMaxPool } from './pooling.js';

/** Appends the operations of one node to the program. */
export type Lowering = (node: GraphNode, context: LoweringContext) => void;

export const ONNX_DOMAIN = '';
export const MICROSOFT_DOMAIN = 'com.microsoft';

const LOWERINGS: Readonly<Record<string, Readonly<Record<string, Lowering>>>> = {
  [ONNX_DOMAIN]: {
    ArgMax: lowerArgMax,
    ArgMin: lowerArgMin,
    Clip: lowerClip,
    ConvInteger: lowerConvInteger,
    DequantizeLinear: lowerDequantizeLinear,
    Flatten: lowerReshape,
    Identity: lowerReshape,
    MatMulInteger: lowerMatMulInteger,
    MaxPool: lowerMaxPool,
    QLinearConv: lowerQLinearConv,
    QLinearMatMul: lowerQLinearMatMul,
    QuantizeLinear: lowerQuantizeLinear,
    Relu: lowerRelu,
    Reshape: lowerReshape,
    Squeeze: lowerReshape,
    Transpose: lowerTranspose,
    Unsqueeze: lowerReshape,
  },
  [MICROSOFT_DOMAIN]: {
    QGemm: lowerQGemm,
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
