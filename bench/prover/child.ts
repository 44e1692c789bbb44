// Memory of one process, measured from inside it: `child.js peak ZKEY WTNS` or `child.js many ZKEY WTNS COUNT`.
// Prints one line of JSON, all in bytes.
import { readFileSync, writeFileSync } from 'node:fs';
import { loadNativeEngine } from '../../src/prove/native.js';

const [mode, zkeyPath, wtnsPath, count] = process.argv.slice(2) as [string, string, string, string | undefined];

const status = (name: string): number => {
  const line = new RegExp(`^${name}:\\s+([0-9]+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1]) * 1024;
};

const engine = loadNativeEngine();
if (engine === undefined) throw new Error('the native engine was not built');
const key = await engine.loadKey({ zkeyPath });
const witness = new Uint8Array(readFileSync(wtnsPath));
if (mode === 'peak') {
  await new Promise((resolve) => setTimeout(resolve, 100));
  const idle = status('VmRSS');
  writeFileSync('/proc/self/clear_refs', '5');
  await key.prove({ witness });
  console.log(JSON.stringify({ idle, peak: status('VmHWM') }));
} else {
  let early = 0;
  for (let index = 1; index <= Number(count); index++) {
    await key.prove({ witness });
    if (index === 20) early = status('VmRSS');
  }
  console.log(JSON.stringify({ early, late: status('VmRSS') }));
}
