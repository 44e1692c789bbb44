import { spawn } from 'node:child_process';

/** What the guard tells the process that started it, once. */
export type NodeReport = { readonly rpcUrl: string } | { readonly failure: string };

// The guard process of localNode.ts. Arguments: the program of the node, then its arguments.
const [program = '', ...args] = process.argv.slice(2);
// The other process may have gone before this one was loaded; from here on, 'disconnect' tells.
if (!process.connected) process.exit();
const node = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });

let reported = false;
let output = '';
function report(message: NodeReport): void {
  if (reported || !process.connected) return;
  reported = true;
  process.send?.(message);
}

function read(chunk: Buffer): void {
  // After the report the pipes are only drained, so that the node never blocks on them.
  if (reported) return;
  output += chunk.toString();
  const address = /Listening on (127\.0\.0\.1:\d+)/.exec(output)?.[1];
  if (address !== undefined) report({ rpcUrl: `http://${address}` });
}

node.stdout.on('data', read);
node.stderr.on('data', read);
node.on('error', (error) => {
  report({ failure: error.message });
  process.disconnect?.();
});
node.on('exit', (status) => {
  report({ failure: output.trim().split('\n').at(-1) || `it ended with status ${status ?? 'none'}` });
  if (process.connected) process.disconnect();
});
// The channel closes when the other process says so, ends, or is killed.
process.on('disconnect', () => {
  node.kill('SIGKILL');
});
