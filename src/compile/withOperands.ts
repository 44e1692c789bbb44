import type { Operation, TensorId } from '../program/program.js';

/** The operation on other tensors. */
export function withOperands(operation: Operation, inputs: readonly TensorId[]): Operation {
  switch (operation.kind) {
    case 'input':
    case 'constant':
      return operation;
    case 'view':
    case 'linear':
      return { ...operation, inputs };
    case 'weighted':
      return { ...operation, inputs: inputs as typeof operation.inputs };
    case 'step':
    case 'table':
    case 'max':
    case 'argmax':
    case 'softmax':
    case 'fit':
    case 'bits':
      return { ...operation, inputs: [inputs[0] as TensorId] };
    case 'product':
    case 'bilinear':
    case 'compare':
    case 'divide':
      return { ...operation, inputs: [inputs[0] as TensorId, inputs[1] as TensorId] };
    case 'select':
      return { ...operation, inputs: [inputs[0] as TensorId, inputs[1] as TensorId, inputs[2] as TensorId] };
  }
}
