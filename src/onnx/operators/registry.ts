/** Every operator whose types and shapes can be inferred. To add one, write its schema in the file of its family. */
import { ZkonnxError } from '../../errors/index.js';
import type { GraphNode } from '../graph.js';
import { CONTRIB } from './contrib.js';
import { CONVOLUTION } from './convolution.js';
import { ELEMENTWISE } from './elementwise.js';
import { GATHER } from './gather.js';
import { GENERATE } from './generate.js';
import { INTEGER } from './integer.js';
import { MATMUL } from './matmul.js';
import { MOVEMENT } from './movement.js';
import { PADDING } from './padding.js';
import { POOLING } from './pooling.js';
import { QUANTIZATION } from './quantization.js';
import { REDUCTION } from './reduction.js';
import { RESHAPE } from './reshape.js';
import { RESIZE } from './resize.js';
import type { OperatorSchema } from './schema.js';

const SCHEMAS: ReadonlyMap<string, OperatorSchema> = new Map(
  [
    ...CONTRIB, ...CONVOLUTION, ...ELEMENTWISE, ...GATHER, ...GENERATE, ...INTEGER, ...MATMUL, ...MOVEMENT, ...PADDING, ...POOLING, ...QUANTIZATION, ...REDUCTION,
    ...RESHAPE, ...RESIZE,
  ].map((schema) => [`${schema.domain}:${schema.opType}`, schema]),
);

/** Ways out for operators that models often have and that cannot be proven as they are. */
const ADVICE: Readonly<Record<string, string>> = {
  DynamicQuantizeLinear: 'Its scale depends on the data in float32. Quantize the model statically, with calibration data (zkonnx quantize).',
  BatchNormalization: 'Fold it into the convolution before it, as zkonnx quantize does with a float model.',
};

/**
 * The schema of the operator of a node, after the checks that need no types: how many inputs and outputs, which attributes.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED, MODEL_INVALID
 */
export function schemaOf(node: GraphNode): OperatorSchema {
  const schema = SCHEMAS.get(`${node.domain}:${node.opType}`);
  if (schema === undefined) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
      message: `The operator ${node.opType} of the domain '${node.domain || 'ai.onnx'}' is not supported (node '${node.name}').`,
      node: node.name,
      found: node.opType,
      ...(ADVICE[node.opType] === undefined ? {} : { fix: ADVICE[node.opType] }),
    });
  }
  const invalid = (what: string, expected: string, found: string): ZkonnxError =>
    new ZkonnxError('MODEL_INVALID', { message: `The node '${node.name}' (${node.opType}) ${what}.`, node: node.name, expected, found });
  const [min, max] = schema.inputs;
  if (node.inputs.length > max || node.inputs.slice(0, min).some((name) => name === '') || node.inputs.length < min) {
    throw invalid('has the wrong number of inputs', min === max ? String(min) : `${min} to ${max}`, String(node.inputs.filter((name) => name !== '').length));
  }
  if (node.outputs.length > schema.outputs || node.outputs[0] === '') throw invalid('has the wrong number of outputs', String(schema.outputs), String(node.outputs.length));
  for (const name of schema.required ?? []) if (!node.attributes.has(name)) throw invalid(`lacks the attribute '${name}'`, `the attribute '${name}'`, 'nothing');
  for (const [name, { kind }] of node.attributes) {
    const expected = schema.attributes[name];
    if (expected === undefined) throw invalid(`has the attribute '${name}', which the operator does not have`, Object.keys(schema.attributes).join(', ') || 'no attributes', name);
    if (expected !== kind) throw invalid(`has the attribute '${name}' of the wrong kind`, expected, kind);
  }
  return schema;
}
