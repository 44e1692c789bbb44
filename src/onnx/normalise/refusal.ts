import { ZkonnxError } from '../../errors/index.js';

/** OPERATOR_UNSUPPORTED for a float operator that stays in the model. */
export function refusal(node: string, opType: string, reason: string, fix?: string): ZkonnxError {
  return new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `The operator ${opType} of node '${node}' cannot be proven: ${reason}.`, node, found: opType, fix });
}
