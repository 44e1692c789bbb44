import type { Contract, Interface } from 'ethers';
import { ZkonnxError } from '../errors/index.js';
import { UNIVERSAL_VERIFIER_ABI, VERIFIER_ABI } from './abi.js';
import { encodeCalldata, type Statement } from './calldata.js';
import type { Ethers } from './ethers.js';
import { withChain, type ChainOptions, type Connection } from './connection.js';
import { minedReceipt } from './minedReceipt.js';

export interface VerifyOnChainOptions extends ChainOptions, Statement {
  /** Where the verifier contract is. */
  readonly address: string;
  /**
   * Gas to allow. When given, the transaction is sent without asking the node first, so that a proof that the contract rejects
   * is mined too, and paid for. Default: what the node estimates; a rejected proof then costs nothing.
   */
  readonly gasLimit?: bigint | undefined;
}

export interface OnChainVerification {
  readonly address: string;
  readonly chainId: bigint;
  readonly transactionHash: string;
  readonly blockNumber: number;
  /** Gas of the whole transaction, from the mined receipt. */
  readonly gasUsed: bigint;
  readonly calldataBytes: number;
  /** SHA-256 of the ONNX file, as the contract states it: compare it with the model you mean. */
  readonly modelHash: string;
  /** As the contract states it: the proof means nothing to those who do not trust the maker of the key. */
  readonly developmentKey: boolean;
}

/**
 * Sends a real transaction that calls `verifyInference`, and waits until it is mined. Returning means that the contract verified
 * the proof.
 *
 * Throws CHAIN_REJECTED with the typed error of the contract when it reverts, CONTRACT_UNKNOWN when there is no verifier at the
 * address (a call to an empty address would succeed), KEY_MISMATCH when it verifies proofs of another system, PROOF_MALFORMED for a proof that cannot be read, and like {@link withChain}.
 */
export async function verifyOnChain({ address, inputs, outputs, context, proof, gasLimit, ...chain }: VerifyOnChainOptions): Promise<OnChainVerification> {
  const data = await encodeCalldata({ inputs, outputs, context, proof });
  return withChain(chain, async (connection) => {
    const { provider, signer, chainId } = connection;
    const { proofSystem, ...identity } = await readIdentity(connection, address);
    const ofProof = 'protocol' in proof ? proof.protocol : undefined;
    if (ofProof !== undefined && ofProof !== proofSystem) throw new ZkonnxError('KEY_MISMATCH', { message: `The contract at ${address} verifies proofs of another system.`, expected: ofProof, found: proofSystem });
    const call = { to: address, from: await signer.getAddress(), data };
    let limit = gasLimit;
    if (limit === undefined) {
      try {
        limit = await provider.estimateGas(call);
      } catch (error) {
        throw rejectionOf(connection, error, 'The contract rejects the proof; nothing was sent');
      }
    }
    const transaction = await signer.sendTransaction({ ...call, gasLimit: limit });
    const receipt = await minedReceipt(provider, transaction.hash);
    if (receipt.status !== 1) {
      const heading = `The contract rejected the proof (transaction ${receipt.hash}, ${receipt.gasUsed} gas)`;
      // The receipt does not hold the error: the same call on the same block gives it again.
      const error: unknown = await provider.call({ ...call, gasLimit: limit, blockTag: receipt.blockNumber }).catch((reason: unknown) => reason);
      throw rejectionOf(connection, error, heading);
    }
    const { blockNumber, gasUsed } = receipt;
    return { address, chainId, transactionHash: receipt.hash, blockNumber, gasUsed, calldataBytes: (data.length - 2) / 2, ...identity };
  });
}

async function readIdentity({ ethers, provider, chainId }: Connection, address: string): Promise<{ modelHash: string; developmentKey: boolean; proofSystem: string }> {
  if (!ethers.isAddress(address)) throw new ZkonnxError('USAGE', { message: `${JSON.stringify(address)} is not an address.`, expected: '0x and 40 hexadecimal digits' });
  const contract = new ethers.Contract(address, UNIVERSAL_VERIFIER_ABI, provider);
  try {
    const layoutVersion: unknown = await contract.getFunction('layoutVersion').staticCall();
    if (layoutVersion !== 2n) throw new Error(`layout version ${String(layoutVersion)}`);
    const modelHash = (await contract.getFunction('modelHash').staticCall()) as string;
    const developmentKey = (await contract.getFunction('isDevelopmentKey').staticCall()) as boolean;
    return { modelHash: modelHash.slice(2), developmentKey, proofSystem: await readSystem(ethers, contract) };
  } catch (cause) {
    if (ethers.isError(cause, 'NETWORK_ERROR') || ethers.isError(cause, 'TIMEOUT') || ethers.isError(cause, 'SERVER_ERROR')) throw cause;
    throw new ZkonnxError('CONTRACT_UNKNOWN', { message: `There is no zkonnx verifier (layout 2) at ${address} on chain ${chainId}.`, cause });
  }
}

/** Contracts of Groth16 do not say so: they have no such function, and revert. */
async function readSystem(ethers: Ethers, contract: Contract): Promise<string> {
  try {
    return (await contract.getFunction('proofSystem').staticCall()) as string;
  } catch (error) {
    if (ethers.isCallException(error)) return 'groth16';
    throw error;
  }
}

function rejectionOf({ ethers }: Connection, error: unknown, heading: string): unknown {
  if (!ethers.isCallException(error)) return error;
  const data = error.data ?? '0x';
  // The first four bytes name the error.
  const found = data.length < 10 ? 'no error data' : (decode(new ethers.Interface(VERIFIER_ABI), data) ?? `unknown error data ${data.slice(0, 74)}`);
  return new ZkonnxError('CHAIN_REJECTED', { message: `${heading}: ${found}.`, expected: 'a proof that verifies', found, cause: error });
}

/** `InputLength(expected 784, found 783)`. */
function decode(abi: Interface, data: string): string | undefined {
  const parsed = abi.parseError(data);
  if (parsed === null) return undefined;
  const values = parsed.fragment.inputs.map(({ name }, index) => `${name} ${String(parsed.args[index])}`);
  return values.length === 0 ? parsed.name : `${parsed.name}(${values.join(', ')})`;
}
