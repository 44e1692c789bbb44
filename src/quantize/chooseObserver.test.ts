import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseObserver, observersToTry } from './chooseObserver.js';
import type { ObserverName } from './options.js';

const NUMBERS: Readonly<Record<ObserverName, number>> = { minMax: 1, percentile: 2, meanSquaredError: 3, entropy: 4, movingAverage: 5 };
const choose = (observers: readonly ObserverName[], errors: readonly number[]): ReturnType<typeof chooseObserver<{ model: Uint8Array }>> =>
  chooseObserver({
    observers,
    attempt: (observer) => Promise.resolve({ model: Uint8Array.of(NUMBERS[observer]) }),
    measure: ([number]) => Promise.resolve(errors[(number as number) - 1] as number),
    signal: undefined,
  });

describe('the choice of an observer', () => {
  it('takes the one that was asked for, without trying it', async () => {
    assert.deepEqual(observersToTry({ observer: 'entropy' }, 1000), ['entropy']);
    const { trials, result } = await chooseObserver({ observers: ['entropy'], attempt: () => Promise.resolve({ model: Uint8Array.of(9) }), measure: () => assert.fail('measured'), signal: undefined });
    assert.deepEqual([trials, [...result.model]], [[{ observer: 'entropy' }], [9]]);
  });

  it('tries several where there are enough inputs to see what is rare, and the full range alone where not', () => {
    assert.deepEqual(observersToTry({}, 31), ['minMax']);
    assert.deepEqual(observersToTry({}, 32), ['minMax', 'percentile', 'meanSquaredError']);
  });

  it('takes the smallest error, and the first of equals', async () => {
    const best = await choose(['minMax', 'percentile', 'meanSquaredError'], [0.3, 0.2, 0.1]);
    assert.deepEqual(best.trials, [{ observer: 'meanSquaredError', relativeError: 0.1 }, { observer: 'percentile', relativeError: 0.2 }, { observer: 'minMax', relativeError: 0.3 }]);
    assert.deepEqual([...best.result.model], [3]);
    assert.equal((await choose(['minMax', 'percentile'], [0.1, 0.1])).trials[0].observer, 'minMax');
  });
});
