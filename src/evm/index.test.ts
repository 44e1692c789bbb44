import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

describe('zkonnx/evm', () => {
  it('loads neither the chain library nor the compiler before they are used', () => {
    const hook = `export async function resolve(specifier, context, next) {
      if (/^(ethers|solc)(\\/|$)/.test(specifier)) process._rawDebug('loads ' + specifier);
      return next(specifier, context);
    }`;
    const script = `
      import { register } from 'node:module';
      register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hook)}`)});
      const { encodeCalldata } = await import(${JSON.stringify(new URL('./index.js', import.meta.url).href)});
      process._rawDebug('loaded');
      await encodeCalldata({ inputs: new Uint8Array(), outputs: new Uint8Array(), context: 0n, proof: new Array(8).fill(0n) });
    `;
    const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.deepEqual(stderr.trim().split('\n'), ['loaded', 'loads ethers']);
  });
});
