import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { drawBlueprint } from '../../src/compile/index.js';
import { ALL_PUBLIC } from '../../src/verify/visibility.js';
import { analyseModel, isUnreadable } from '../../src/workflow/analyseModel.js';
import { readCore } from '../../src/workflow/readCore.js';
import { sharedPath } from '../support/shared.js';

const folders = ['onnx-node-tests', 'quantized-models'].map((name) => sharedPath(name));

/** Why the road that proves stops at a model; undefined where it does not. */
function stop(model: string): Error | undefined {
  try {
    drawBlueprint(readCore({ model, batch: 1 }).program);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

it('the analysis that finds all problems refuses what proving refuses, for the same first reason, and never fails', { skip: folders.includes(undefined) ? 'the shared models are not here' : false }, (test) => {
  const count = { models: 0, proven: 0, several: 0, unreadable: 0 };
  for (const folder of folders as string[]) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx') && !name.includes('MauiModelTester'))) {
      const model = join(folder, file);
      const reason = stop(model);
      count.models++;
      try {
        const { problems } = analyseModel({ model, batch: 1, visibility: ALL_PUBLIC });
        if (reason === undefined) assert.deepEqual(problems, [], file);
        else assert.ok(problems.some(({ message }) => message === reason.message), `${file}: ${reason.message}`);
        if (reason === undefined) count.proven++;
        if (problems.length > 1) count.several++;
      } catch (error) {
        assert.ok(isUnreadable(error), file);
        assert.equal((error as Error).message, reason?.message);
        count.unreadable++;
      }
    }
  }
  test.diagnostic(JSON.stringify(count));
  assert.ok(count.models > 1_400 && count.proven > 100 && count.several > 100);
});
