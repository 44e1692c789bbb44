import { readProofFile, type KeyOrigin, type ProofFile } from '../artifacts/index.js';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import { compileVerifier, deployVerifier, exportAnyVerifier, startLocalNode, verifyOnChain, type OnChainVerification } from '../evm/index.js';
import { contractBytes, parseContext } from '../verify/index.js';
import type { WorkflowOptions } from './progress.js';
import { findVerification, statementSignals, type VerificationSource } from './verifyProofFile.js';

export interface VerifyProofOnChainParameters extends WorkflowOptions, VerificationSource {
  /** Path of a proof that `proveInputs` wrote. */
  readonly proof: string;
  /** Address of an EVM node. Default: a local node is started for this proof and ended afterwards. */
  readonly rpcUrl?: string | undefined;
  /** The verifier contract. Default: one is deployed. */
  readonly address?: string | undefined;
  /** Key of the account that pays; default: the first unlocked account of the node. */
  readonly privateKey?: string | undefined;
  /** Deploy a verifier of a development key to the node of `rpcUrl` all the same. A local node needs no leave. */
  readonly allowDevelopmentKey?: boolean | undefined;
}

export interface VerifyProofOnChainReturnType {
  readonly model: { readonly name: string; readonly sha256: string };
  readonly key: KeyOrigin;
  /** Whether the node was started for this proof. */
  readonly localNode: boolean;
  /** The deployment, if the contract was deployed now. */
  readonly deployment?: { readonly address: string; readonly transactionHash: string; readonly gasUsed: bigint };
  readonly verification: OnChainVerification;
}

/**
 * Has a proof verified by a contract, in a mined transaction. Returning means that the contract accepted it.
 *
 * @throws ZkonnxError CHAIN_REJECTED with the typed error of the contract, CHAIN_UNREACHABLE, CONTRACT_UNKNOWN, KEY_MISMATCH when the contract is
 * of another model, KEY_DEVELOPMENT, PROOF_INVALID, PROOF_MALFORMED, CANCELLED
 */
export async function verifyProofOnChain({ proof: path, rpcUrl, address, privateKey, allowDevelopmentKey = false, signal, onProgress, ...source }: VerifyProofOnChainParameters): Promise<VerifyProofOnChainReturnType> {
  if (address !== undefined && rpcUrl === undefined) throw new ZkonnxError('USAGE', { message: 'An address needs a node: --rpc URL.' });
  throwIfAborted(signal);
  const file = await readProofFile(path);
  const { verification } = await findVerification(path, source);
  const { model, layout, key, verificationKey } = verification;
  const fixed = layout.visibility.weights === 'fixed';
  if (fixed && file.model.sha256 !== model.sha256) throw new ZkonnxError('PROOF_INVALID', { message: 'The proof is for another model than the verification key.', file: path, expected: model.sha256, found: file.model.sha256 });
  statementSignals({ file, layout, path });
  if (file.proof.protocol !== verificationKey.protocol) throw new ZkonnxError('PROOF_MALFORMED', { message: 'The proof is of another kind than the verification key.', file: path, expected: `protocol ${verificationKey.protocol}`, found: `protocol ${String(file.proof.protocol).slice(0, 40)}` });
  const developmentKey = key.kind !== 'ceremony';
  const creationCode = async (): Promise<string> => {
    const exported = await exportAnyVerifier({ verificationKey, layout, model, developmentKey, allowDevelopmentKey: allowDevelopmentKey || rpcUrl === undefined, signal });
    onProgress?.({ stage: 'contract', fraction: 0.1, detail: 'compiling the contract' });
    return (await compileVerifier({ ...exported, signal })).bytecode;
  };
  const bytecode = address === undefined ? await creationCode() : undefined;
  onProgress?.({ stage: 'chain', fraction: 0.4, detail: rpcUrl === undefined ? 'starting a local node' : 'connecting' });
  const node = rpcUrl === undefined ? await startLocalNode({ signal }) : undefined;
  try {
    const chain = { rpcUrl: rpcUrl ?? (node?.rpcUrl as string), privateKey, signal };
    onProgress?.({ stage: 'chain', fraction: 0.6, detail: 'deploying' });
    const deployment = bytecode === undefined ? undefined : await deployVerifier({ ...chain, bytecode });
    onProgress?.({ stage: 'chain', fraction: 0.8, detail: 'verifying' });
    const result = await verifyOnChain({
      ...chain,
      address: address ?? (deployment?.address as string),
      inputs: contractBytes({ layout, side: 'inputs', values: dataOf(file.inputs), commitments: file.commitments }),
      outputs: contractBytes({ layout, side: 'outputs', values: dataOf(file.outputs), commitments: file.commitments }),
      context: parseContext(file.context),
      proof: file.proof,
    });
    if (fixed && result.modelHash !== model.sha256) throw new ZkonnxError('KEY_MISMATCH', { message: `The contract at ${result.address} verifies another model.`, expected: model.sha256, found: result.modelHash });
    onProgress?.({ stage: 'chain', fraction: 1 });
    return { model, key, localNode: node !== undefined, ...(deployment === undefined ? {} : { deployment }), verification: result };
  } finally {
    await node?.close();
  }
}

function dataOf(tensors: ProofFile['inputs']): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
}
