import { ZkonnxError } from '../errors/index.js';
import { withChain, type ChainOptions } from './connection.js';
import { minedReceipt } from './minedReceipt.js';

export interface DeployOptions extends ChainOptions {
  /** Creation code, hexadecimal with 0x. */
  readonly bytecode: string;
}

export interface Deployment {
  readonly address: string;
  readonly chainId: bigint;
  readonly transactionHash: string;
  readonly blockNumber: number;
  /** From the mined receipt. */
  readonly gasUsed: bigint;
}

/** Deploys a compiled contract that takes no constructor arguments, and waits until it is mined. Throws like {@link withChain}, and CHAIN_REJECTED. */
export function deployVerifier({ bytecode, ...chain }: DeployOptions): Promise<Deployment> {
  return withChain(chain, async ({ ethers, provider, signer, chainId }) => {
    const rejected = (cause?: unknown): ZkonnxError => new ZkonnxError('CHAIN_REJECTED', { message: 'The chain did not accept the contract.', cause });
    const transaction = await signer.sendTransaction({ data: bytecode }).catch((error: unknown) => {
      throw ethers.isCallException(error) ? rejected(error) : error;
    });
    const receipt = await minedReceipt(provider, transaction.hash);
    if (receipt.status !== 1 || receipt.contractAddress === null) throw rejected();
    const { contractAddress, blockNumber, gasUsed } = receipt;
    return { address: contractAddress, chainId, transactionHash: receipt.hash, blockNumber, gasUsed };
  });
}
