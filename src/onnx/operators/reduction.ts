import { intAttribute } from '../attributes.js';
import { ONNX, type InferContext, type OperatorSchema } from './schema.js';

/** https://onnx.ai/onnx/operators/onnx__ArgMax.html */
function argument(opType: 'ArgMax' | 'ArgMin'): OperatorSchema {
  return {
    opType, domain: ONNX, inputs: [1, 1], outputs: 1, attributes: { axis: 'int', keepdims: 'int', select_last_index: 'int' },
    infer: (context: InferContext) => {
      const { shape } = context.expectType(0, 'input', ['float32', 'uint8', 'int8', 'int32']);
      const axis = context.axis(intAttribute(context.node, 'axis', 0), shape.length);
      const keep = intAttribute(context.node, 'keepdims', 1) === 1;
      return [{ type: 'int64', shape: shape.flatMap((dimension, at) => (at !== axis ? [dimension] : keep ? [1] : [])) }];
    },
  };
}

export const REDUCTION: readonly OperatorSchema[] = [argument('ArgMax'), argument('ArgMin')];
