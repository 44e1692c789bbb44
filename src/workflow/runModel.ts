import { ZkonnxError } from '../errors/index.js';
import { exportModelVerifier, type ExportModelVerifierReturnType } from './exportModelVerifier.js';
import { proveInputs, type ProveInputsParameters, type ProveInputsReturnType } from './proveInputs.js';
import { setupModel, type SetupModelParameters, type SetupModelReturnType } from './setupModel.js';
import { verifyProofFile, type VerifyProofFileReturnType } from './verifyProofFile.js';
import { verifyProofOnChain, type VerifyProofOnChainReturnType } from './verifyProofOnChain.js';

export interface RunModelParameters extends ProveInputsParameters, Pick<SetupModelParameters, 'batch' | 'memoryLimit' | 'visibility'> {
  /** Whether the first proof is also verified by a contract on a local EVM node; default true. */
  readonly onChain?: boolean | undefined;
}

export interface RunModelReturnType {
  readonly setup: SetupModelReturnType;
  readonly prove: ProveInputsReturnType;
  /** One for each proof, in order. */
  readonly verify: readonly VerifyProofFileReturnType[];
  readonly contract: ExportModelVerifierReturnType;
  /** What the contract said to the first proof; the reason in words when no local node could be started. */
  readonly onChain: VerifyProofOnChainReturnType | { readonly skipped: string };
}

/**
 * The whole road with a development key: compile, set up, prove, verify in a script and on a local chain. Stages that are done are skipped.
 * @throws what the stages throw, except that a missing local node is only reported
 */
export async function runModel({ onChain = true, ...parameters }: RunModelParameters): Promise<RunModelReturnType> {
  const { model, folder, signal, onProgress } = parameters;
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
  return { setup, prove, verify, contract, onChain: onChain && first !== undefined ? await localChain({ proof: first.path, model, folder, signal, onProgress }) : { skipped: 'not asked for' } };
}

async function localChain(parameters: Parameters<typeof verifyProofOnChain>[0]): Promise<RunModelReturnType['onChain']> {
  try {
    return await verifyProofOnChain(parameters);
  } catch (error) {
    if (error instanceof ZkonnxError && error.code === 'CHAIN_UNREACHABLE') return { skipped: error.message };
    throw error;
  }
}
