import type * as ethers from 'ethers';

export type Ethers = typeof ethers;

/** The chain library, loaded when a chain is used and not before. Every other module imports nothing but its types. */
export function loadEthers(): Promise<Ethers> {
  return import('ethers');
}
