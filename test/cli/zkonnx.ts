/** Runs the command line as a user does: a process of its own, in a folder of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  /** Sends this signal when the promise of `when` resolves. */
  readonly interrupt?: { readonly signal: NodeJS.Signals; readonly when: () => Promise<void> };
  readonly env?: Readonly<Record<string, string>>;
}

export const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export function zkonnx(args: readonly string[], { cwd, interrupt, env = {} }: CliOptions): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...process.env, CI: 'true', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
    if (interrupt !== undefined) void interrupt.when().then(() => child.kill(interrupt.signal), reject);
  });
}

/** What `--json` printed. */
export interface JsonError {
  readonly ok: false;
  readonly error: { readonly code: string; readonly message: string; readonly node?: string; readonly fix: string };
  readonly exitStatus: number;
  readonly stack?: string;
}
