import type { JsonRpcProvider, TransactionReceipt } from 'ethers';

/**
 * Waits for the receipt of a transaction, reverted or not. Asks for the receipt itself, again and again: ethers' own waiting listens
 * for a later block, and on a node that mines a block only when a transaction comes there is none, when the block falls between
 * two of its questions.
 */
export async function minedReceipt(provider: JsonRpcProvider, hash: string): Promise<TransactionReceipt> {
  for (;;) {
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt !== null) return receipt;
    await new Promise((resolve) => setTimeout(resolve, provider.pollingInterval));
  }
}
