import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import type { NodeReport } from './localNodeGuard.js';

export interface LocalNode {
  /** Where the node listens: a free port of the loopback interface. */
  readonly rpcUrl: string;
  /** Ends the node. May be called more than once. */
  close(): Promise<void>;
}

export interface LocalNodeOptions {
  /** The anvil program. Default: that of the package `@foundry-rs/anvil` if it is installed, else `anvil` on the PATH. */
  readonly anvil?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts a local EVM node (anvil) with funded, unlocked accounts and the rules of the Osaka upgrade, which are fixed so that
 * gas figures do not move with the version of the node.
 *
 * The node never outlives the process that started it, not even when that is killed: a guard process stands between the two
 * and ends the node when its channel to us closes. The node does not keep this process alive.
 *
 * Throws CHAIN_UNREACHABLE when anvil is missing or does not start, CANCELLED when the signal is aborted before it has started;
 * aborting later closes the node.
 */
export async function startLocalNode({ anvil = findAnvil(), signal }: LocalNodeOptions = {}): Promise<LocalNode> {
  throwIfAborted(signal);
  const flags = ['--host', '127.0.0.1', '--port', '0', '--hardfork', 'osaka', '--accounts', '2', '--color', 'never'];
  const guard = fork(fileURLToPath(new URL('./localNodeGuard.js', import.meta.url)), [anvil, ...flags], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
    // Ctrl-C on a terminal reaches a whole process group; the guard must outlive it to clean up.
    detached: true,
  });
  const exited = new Promise<void>((resolve) => guard.once('exit', () => resolve()));
  const close = (): Promise<void> => {
    signal?.removeEventListener('abort', onAbort);
    // Whoever closes waits for the end, and only then.
    guard.ref();
    if (guard.connected) guard.disconnect();
    return exited;
  };
  const onAbort = (): void => void close();
  signal?.addEventListener('abort', onAbort, { once: true });

  try {
    const rpcUrl = await listening(guard, anvil, signal);
    guard.unref();
    guard.channel?.unref();
    return { rpcUrl, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function listening(guard: ChildProcess, anvil: string, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const unreachable = (reason: string): ZkonnxError =>
      new ZkonnxError('CHAIN_UNREACHABLE', {
        message: `The local EVM node did not start: ${reason}`,
        expected: 'a working anvil',
        found: anvil,
        fix: 'Install it beside zkonnx (`npm install --save-dev @foundry-rs/anvil`), or give the RPC address of another node.',
      });
    guard.once('message', (report: NodeReport) => {
      if ('rpcUrl' in report) resolve(report.rpcUrl);
      else reject(unreachable(report.failure));
    });
    guard.once('error', (error) => reject(unreachable(error.message)));
    guard.once('exit', () => {
      if (signal?.aborted) reject(new ZkonnxError('CANCELLED', { cause: signal.reason }));
      else reject(unreachable('it ended at once'));
    });
  });
}

/** The program inside the package; the package's own launcher is one process more that could be left behind. */
function findAnvil(): string {
  const platforms: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
  const program = process.platform === 'win32' ? 'anvil.exe' : 'anvil';
  try {
    const launcher = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json');
    return createRequire(launcher).resolve(`@foundry-rs/anvil-${process.platform}-${platforms[process.arch] ?? process.arch}/bin/${program}`);
  } catch {
    return program;
  }
}
