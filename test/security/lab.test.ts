/** A sample of each experiment of the laboratory (`npm run lab` does all of it), and what must be so for it to be worth something. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { merged, type Experiment, type Finding } from './experiment.js';
import { gadgetForgeries, gadgetNames } from './gadgetForgeries.js';
import { hostileFiles } from './hostileFiles.js';
import { intervals } from './intervals.js';
import { modelForgeries } from './modelForgeries.js';
import { verifierAgreement } from './verifierAgreement.js';

describe('the laboratory', { timeout: 300_000 }, () => {
  for (const experiment of [gadgetForgeries, modelForgeries, intervals, verifierAgreement, hostileFiles] satisfies Experiment[]) {
    it(`${experiment.name}: ${experiment.about}`, async () => {
      const findings: Finding[] = [];
      for (const part of experiment.parts('sample')) findings.push(...(await part.run()));
      assert.ok(findings.length > 0);
      for (const { attack, tried, accepted, controls, controlsWon, alarms } of merged(findings)) {
        assert.deepEqual(alarms, [], attack);
        assert.equal(accepted, 0, attack);
        assert.equal(controlsWon, controls, attack);
        assert.ok(tried + controls > 0, attack);
      }
    });
  }

  it('knows every gadget: each file of circuits has its test', () => {
    assert.deepEqual(gadgetNames().filter((name) => !existsSync(`circuits/${name}.test.ts`)), []);
  });
});
