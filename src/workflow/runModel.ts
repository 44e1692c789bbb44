import { dirname, join, resolve } from 'node:path';
import { defaultFolder, modelName } from '../artifacts/index.js';
import { ZkonnxError } from '../errors/index.js';
import { readModel } from '../onnx/readModel.js';
import { quantizedNode } from '../quantize/prepareModel.js';
import { exportModelVerifier, type ExportModelVerifierReturnType } from './exportModelVerifier.js';
import { proveInputs, type ProveInputsParameters, type ProveInputsReturnType } from './proveInputs.js';
import { quantizeModel, type CalibrationSource, type QuantizeModelReturnType } from './quantizeModel.js';
import { reportDrift } from './reportDrift.js';
import { setupModel, type SetupModelParameters, type SetupModelReturnType } from './setupModel.js';
import { verifyProofFile, type VerifyProofFileReturnType } from './verifyProofFile.js';
import { verifyProofOnChain, type VerifyProofOnChainReturnType } from './verifyProofOnChain.js';

export interface RunModelParameters extends ProveInputsParameters, Pick<SetupModelParameters, 'batch' | 'memoryLimit' | 'visibility'> {
  /** Whether the first proof is also verified by a contract on a local EVM node; default true. */
  readonly onChain?: boolean | undefined;
  /** For a float model: inputs to quantize it with; default: the inputs to be proven. */
  readonly calibration?: readonly CalibrationSource[] | undefined;
}

export interface RunModelReturnType {
  /** How a float model was quantized first. */
  readonly quantize?: QuantizedFirst;
  readonly setup: SetupModelReturnType;
  readonly prove: ProveInputsReturnType;
  /** One for each proof, in order. */
  readonly verify: readonly VerifyProofFileReturnType[];
  readonly contract: ExportModelVerifierReturnType;
  /** What the contract said to the first proof; the reason in words when no local node could be started. */
  readonly onChain: VerifyProofOnChainReturnType | { readonly skipped: string };
}

/** A float model that was quantized first, and its drift on the calibration inputs: see overallDrift. */
export interface QuantizedFirst extends QuantizeModelReturnType {
  readonly drift: number;
}

/**
 * The whole road with a development key: quantize if the model is float, compile, set up, prove, verify in a script and on a local chain. Stages that are done are skipped.
 * @throws what the stages throw, except that a missing local node is only reported
 */
export async function runModel({ onChain = true, calibration, ...given }: RunModelParameters): Promise<RunModelReturnType> {
  const { signal, onProgress } = given;
  const quantized = isFloat(given.model) ? await quantizeFirst(given, calibration) : undefined;
  const parameters = quantized === undefined ? given : { ...given, model: quantized.model.path, folder: dirname(quantized.model.path) };
  const { model, folder } = parameters;
  const setup = await setupModel({ ...parameters, key: 'development' });
  const prove = await proveInputs(parameters);
  const verify: VerifyProofFileReturnType[] = [];
  for (const [index, { path }] of prove.proofs.entries()) {
    onProgress?.({ stage: 'verify', fraction: index / prove.proofs.length });
    verify.push(await verifyProofFile({ proof: path, context: prove.context, model, folder }));
  }
  onProgress?.({ stage: 'verify', fraction: 1 });
  const contract = await exportModelVerifier({ model, folder, allowDevelopmentKey: true, signal });
  const [first] = prove.proofs;
  return { ...(quantized === undefined ? {} : { quantize: quantized }), setup, prove, verify, contract, onChain: onChain && first !== undefined ? await localChain({ proof: first.path, model, folder, signal, onProgress }) : { skipped: 'not asked for' } };
}

/** Whether a model takes floats and has no quantized operator. */
function isFloat(model: string): boolean {
  const { graph } = readModel(model);
  return quantizedNode(graph) === undefined && graph.inputs.some(({ type }) => type === 'float32');
}

/** Writes the quantized model to the folder of the float one. */
async function quantizeFirst({ model, folder = defaultFolder(model), inputs, batch, signal, onProgress }: Omit<RunModelParameters, 'onChain' | 'calibration'>, calibration: RunModelParameters['calibration']): Promise<QuantizedFirst> {
  const own = inputs.flatMap((source): CalibrationSource[] => (typeof source === 'string' ? [source] : 'files' in source ? [{ files: source.files }] : []));
  if (calibration === undefined && own.length === 0) throw new ZkonnxError('USAGE', { message: 'The model is float, and there are no input files to quantize it with.', fix: 'Give calibration inputs, or quantize the model first.' });
  const out = join(resolve(folder), `${modelName(model).replace(/\.float$/, '')}.int8.onnx`);
  const quantized = await quantizeModel({ model, calibration: calibration ?? own, out, batch, signal, onProgress });
  const { drift } = await reportDrift({ float: model, quantized: out, layers: [], calibration: calibration ?? own, batch, signal, onProgress });
  return { ...quantized, drift };
}

async function localChain(parameters: Parameters<typeof verifyProofOnChain>[0]): Promise<RunModelReturnType['onChain']> {
  try {
    return await verifyProofOnChain(parameters);
  } catch (error) {
    if (error instanceof ZkonnxError && error.code === 'CHAIN_UNREACHABLE') return { skipped: error.message };
    throw error;
  }
}
