/** Published limits of registries, as verdicts. */
import { ZkonnxError } from '../errors/index.js';
import type { ElementType, Graph, ValueInfo } from '../onnx/graph.js';
import { formatShape } from '../onnx/shape.js';
import { problemOf, verdict, type Verdict } from './problem.js';

export const PROFILES = ['opengradient'] as const;
export type ProfileName = (typeof PROFILES)[number];

export interface ProfileVerdict extends Verdict {
  readonly name: ProfileName;
}

/** Opset versions that the hub of OpenGradient takes. */
const OPSETS = { oldest: 9, newest: 18 } as const;

const NOT_NUMERIC: ReadonlySet<ElementType> = new Set(['string', 'bool', 'complex64', 'complex128']);

/** The hub of OpenGradient: opset 9 to 18, numeric inputs, and either all inputs of fixed shape or none. */
export function checkProfile(name: ProfileName, { opsets, inputs }: Pick<Graph, 'opsets' | 'inputs'>): ProfileVerdict {
  const version = opsets.get('');
  const problems: ZkonnxError[] = [];
  if (version === undefined || version < OPSETS.oldest || version > OPSETS.newest) {
    problems.push(
      new ZkonnxError('MODEL_OPSET_UNSUPPORTED', {
        message: `The model uses ONNX opset ${version ?? 'none'}; OpenGradient takes ${OPSETS.oldest} to ${OPSETS.newest}.`,
        expected: `${OPSETS.oldest} to ${OPSETS.newest}`,
        found: String(version ?? 'none'),
        fix: 'Convert it: onnx.version_converter.convert_version(model, 17).',
      }),
    );
  }
  for (const { name: input, type } of inputs.filter((each) => NOT_NUMERIC.has(each.type))) {
    problems.push(new ZkonnxError('TYPE_UNSUPPORTED', { message: `The input '${input}' is ${type}; OpenGradient takes numbers only.`, expected: 'a numeric type', found: type, fix: 'Encode the input as numbers before the model.' }));
  }
  const dynamic = inputs.filter(isDynamic);
  if (dynamic.length > 0 && dynamic.length < inputs.length) {
    problems.push(
      new ZkonnxError('SHAPE_UNSUPPORTED', {
        message: `Some inputs have dynamic shapes (${dynamic.map(describe).join(', ')}) and some fixed ones (${inputs.filter((input) => !isDynamic(input)).map(describe).join(', ')}); OpenGradient does not take a mix.`,
        expected: 'all inputs of fixed shape, or all of dynamic shape',
        found: `${dynamic.length} of ${inputs.length} dynamic`,
        fix: 'Fix the dynamic shapes: onnxruntime.tools.make_dynamic_shape_fixed.',
      }),
    );
  }
  return { name, ...verdict(problems.map((error) => problemOf(error))) };
}

function isDynamic({ shape, unknownRank }: ValueInfo): boolean {
  return unknownRank === true || shape.some((dimension) => typeof dimension === 'string');
}

function describe({ name, shape }: ValueInfo): string {
  return `${name} ${formatShape(shape)}`;
}
