import type { JsonRpcProvider, Signer } from 'ethers';
import { ZkonnxError, isZkonnxError, throwIfAborted } from '../errors/index.js';
import { loadEthers, type Ethers } from './ethers.js';

/** Which chain to talk to, and as whom. */
export interface ChainOptions {
  /** Address of the node, http or https. */
  readonly rpcUrl: string;
  /** Key of the account that pays. Default: the first unlocked account of the node, which only local nodes have. */
  readonly privateKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Connection {
  readonly ethers: Ethers;
  readonly provider: JsonRpcProvider;
  readonly signer: Signer;
  readonly chainId: bigint;
}

const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Connects, does the work, and disconnects, whatever happens. Throws CHAIN_UNREACHABLE when the node does not answer,
 * CANCELLED when the signal is aborted, USAGE for an address or key that is not one.
 */
export async function withChain<T>({ rpcUrl, privateKey, signal }: ChainOptions, work: (connection: Connection) => Promise<T>): Promise<T> {
  throwIfAborted(signal);
  const url = parseUrl(rpcUrl);
  const ethers = await loadEthers();
  const chainId = await readChainId(url, signal);
  const request = new ethers.FetchRequest(url.href);
  request.timeout = REQUEST_TIMEOUT_MS;
  // The network is fixed: otherwise ethers asks for it again for ever when the node goes away.
  const provider = new ethers.JsonRpcProvider(request, chainId, { staticNetwork: true, cacheTimeout: -1, pollingInterval: isLoopback(url) ? 20 : 2000 });
  let cancel = (): void => {};
  try {
    throwIfAborted(signal);
    const cancelled = new Promise<never>((_, reject) => {
      cancel = () => reject(new ZkonnxError('CANCELLED', { cause: signal?.reason }));
      signal?.addEventListener('abort', cancel, { once: true });
    });
    const done = (async () => work({ ethers, provider, chainId, signer: await findSigner(ethers, provider, privateKey) }))();
    // When the signal wins, the work ends by itself in an error that nobody waits for.
    done.catch(() => undefined);
    return await Promise.race([done, cancelled]);
  } catch (error) {
    throw isZkonnxError(error) ? error : unreachable(url, error);
  } finally {
    signal?.removeEventListener('abort', cancel);
    provider.destroy();
  }
}

async function findSigner(ethers: Ethers, provider: JsonRpcProvider, privateKey: string | undefined): Promise<Signer> {
  if (privateKey !== undefined) {
    try {
      return new ethers.Wallet(privateKey, provider);
    } catch {
      // The error of ethers could repeat the key.
      throw new ZkonnxError('USAGE', { message: 'The private key is not one.', expected: '32 bytes, hexadecimal' });
    }
  }
  const [account] = (await provider.send('eth_accounts', [])) as string[];
  if (account === undefined) {
    throw new ZkonnxError('USAGE', { message: 'The node has no unlocked account to pay for the transaction.', fix: 'Give a private key.' });
  }
  return provider.getSigner(account);
}

async function readChainId(url: URL, signal: AbortSignal | undefined): Promise<bigint> {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const { result } = (await response.json()) as { result?: unknown };
    if (typeof result !== 'string' || !/^0x[0-9a-f]{1,16}$/i.test(result)) throw new Error('the answer to eth_chainId is not a number');
    return BigInt(result);
  } catch (error) {
    throwIfAborted(signal);
    throw unreachable(url, error);
  }
}

function parseUrl(rpcUrl: string): URL {
  const url = URL.canParse(rpcUrl) ? new URL(rpcUrl) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '') {
    throw new ZkonnxError('USAGE', { message: 'The RPC address is not one.', expected: 'http://… or https://…, without user and password' });
  }
  return url;
}

function isLoopback({ hostname }: URL): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}

function unreachable(url: URL, cause: unknown): ZkonnxError {
  const reason = cause instanceof Error ? ('shortMessage' in cause ? String(cause.shortMessage) : cause.message) : String(cause);
  // Paths and queries of RPC addresses hold keys of providers: only the origin is shown.
  return new ZkonnxError('CHAIN_UNREACHABLE', { message: `The EVM node at ${url.origin} did not do what it was asked: ${reason}.`, cause });
}
