import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startLocalNode } from './localNode.js';

async function answers(rpcUrl: string): Promise<boolean> {
  try {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
    const response = await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return response.ok;
  } catch {
    return false;
  }
}

/** Waits until nobody answers any more; the test runner's time limit ends it if that never comes. */
async function silence(rpcUrl: string): Promise<void> {
  while (await answers(rpcUrl)) await wait(20);
}

const starter = `
  import { startLocalNode } from ${JSON.stringify(new URL('./localNode.js', import.meta.url).href)};
  const { rpcUrl } = await startLocalNode();
  console.log(rpcUrl);
`;

async function startInChild(rest: string): Promise<{ rpcUrl: string; child: ReturnType<typeof spawn> }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', starter + rest], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { rpcUrl: line.toString().trim(), child };
}

describe('startLocalNode', { timeout: 60_000 }, () => {
  it('listens on a port of its own until it is closed', async () => {
    const [first, second] = await Promise.all([startLocalNode(), startLocalNode()]);
    assert.notEqual(first.rpcUrl, second.rpcUrl);
    assert.ok(await answers(first.rpcUrl));
    await Promise.all([first.close(), second.close()]);
    assert.ok(!(await answers(first.rpcUrl)));
    assert.ok(!(await answers(second.rpcUrl)));
    await first.close();
  });

  it('ends when the signal is aborted', async () => {
    const controller = new AbortController();
    const node = await startLocalNode({ signal: controller.signal });
    controller.abort();
    await silence(node.rpcUrl);
    await assert.rejects(startLocalNode({ signal: controller.signal }), { code: 'CANCELLED' });
  });

  it('is cancelled while it starts', async () => {
    const controller = new AbortController();
    const starting = startLocalNode({ signal: controller.signal });
    controller.abort();
    await assert.rejects(starting, { code: 'CANCELLED' });
  });

  it('does not outlive a process that is killed', async () => {
    const { rpcUrl, child } = await startInChild('setInterval(() => {}, 1000);');
    assert.ok(await answers(rpcUrl));
    child.kill('SIGKILL');
    await silence(rpcUrl);
  });

  it('does not outlive a process that crashes, and keeps none alive', async () => {
    const crashing = await startInChild('setTimeout(() => { throw new Error("crash"); }, 50);');
    const [status] = (await once(crashing.child, 'exit')) as [number];
    assert.equal(status, 1);
    await silence(crashing.rpcUrl);

    const forgetful = await startInChild('');
    const [code] = (await once(forgetful.child, 'exit')) as [number];
    assert.equal(code, 0);
    await silence(forgetful.rpcUrl);
  });

  it('says what to do when anvil is missing or broken', async () => {
    await assert.rejects(startLocalNode({ anvil: '/nonexistent/anvil' }), { code: 'CHAIN_UNREACHABLE', message: /ENOENT/ });
    await assert.rejects(startLocalNode({ anvil: process.execPath }), { code: 'CHAIN_UNREACHABLE', message: /bad option/ });
  });
});
