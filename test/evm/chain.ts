import { isCallException, JsonRpcProvider } from 'ethers';
import { minedReceipt } from '../../src/evm/minedReceipt.js';

/** What became of a transaction that was sent whatever the contract says to it. */
export interface Sent {
  readonly mined: 'accepted' | 'reverted';
  readonly gasUsed: bigint;
  /** Error data of the revert, hexadecimal, 0x if there is none. */
  readonly errorData: string | undefined;
}

/** Sends calldata as a transaction from the first account of a local node, with plenty of gas, and waits until it is mined. */
export async function send({ rpcUrl, to, data }: { rpcUrl: string; to: string; data: string }): Promise<Sent> {
  const provider = new JsonRpcProvider(rpcUrl, 31337, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 });
  try {
    const call = { from: (await provider.getSigner(0)).address, to, data, gas: '0x1e8480' };
    const hash = (await provider.send('eth_sendTransaction', [call])) as string;
    const receipt = await minedReceipt(provider, hash);
    if (receipt.status === 1) return { mined: 'accepted', gasUsed: receipt.gasUsed, errorData: undefined };
    const error: unknown = await provider.send('eth_call', [call, 'latest']).catch((reason: unknown) => reason);
    if (!isCallException(error)) throw error;
    return { mined: 'reverted', gasUsed: receipt.gasUsed, errorData: error.data ?? '0x' };
  } finally {
    provider.destroy();
  }
}
