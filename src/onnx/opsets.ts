import { ZkonnxError } from '../errors/index.js';
import type { Graph } from './graph.js';
import { toBigInt, type ProtoModel } from './proto.js';

/** Versions of the ONNX operator set that are read. 26 is the newest that onnxruntime-node 1.30 loads. */
export const OPSET_RANGE = { oldest: 11, newest: 26 } as const;

/** `ai.onnx` is another name for the default domain ''. */
export function normalDomain(domain: string | null | undefined): string {
  return domain === 'ai.onnx' ? '' : (domain ?? '');
}

/** The opset versions that a model imports, by domain. */
export function opsetsOf(model: ProtoModel): ReadonlyMap<string, number> {
  const opsets = new Map<string, number>();
  for (const { domain, version } of model.opsetImport ?? []) {
    const number = toBigInt(version ?? 0);
    opsets.set(normalDomain(domain), Number(number));
  }
  return opsets;
}

/** @throws ZkonnxError MODEL_OPSET_UNSUPPORTED, MODEL_INVALID for a node whose domain is not imported. */
export function checkOpsets({ opsets, nodes }: Graph): void {
  const version = opsets.get('');
  const { oldest, newest } = OPSET_RANGE;
  if (version !== undefined && (version < oldest || version > newest)) {
    throw new ZkonnxError('MODEL_OPSET_UNSUPPORTED', {
      message: `The model uses ONNX opset ${version}; opsets ${oldest} to ${newest} are supported.`,
      expected: `${oldest} to ${newest}`,
      found: String(version),
      fix: `Convert it: onnx.version_converter.convert_version(model, 17).`,
    });
  }
  const stranger = nodes.find(({ domain }) => !opsets.has(domain));
  if (stranger) throw new ZkonnxError('MODEL_INVALID', { message: `The operator ${stranger.opType} is of the domain '${stranger.domain}', whose version the model does not import.`, node: stranger.name });
}
