import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lowerGraph } from '../../src/lower/lower.js';
import { GraphBuilder, integers, tensor } from '../../src/onnx/testing/graphBuilder.js';
import { addTally, emptyTally, probePalette, runGraph } from './campaign.js';
import { compareGraph, isWrong } from './compare.js';
import { Random } from './random.js';
import { readRegressions } from './regressions.js';
import { shrink, type Specimen } from './shrink.js';

const SEED = 20_260;
const GRAPHS = 100;

describe('differential fuzzing', () => {
  it(`random graphs give the same bits in the circuit and in ONNX Runtime (seed ${SEED})`, async () => {
    const palette = await probePalette('all');
    assert.ok(palette.makers.qoperator.length >= 25 && palette.makers.qdq.length >= 40 && palette.makers.integer.length >= 55, 'operators take part');
    const tally = emptyTally();
    for (let index = 0; tally.graphs < GRAPHS; index++) addTally(tally, await runGraph({ palette, family: 'all', seed: SEED }, index));
    assert.deepEqual(tally.wrong, [], `reproduce with npm run fuzz:lowering -- --seed ${SEED} --only INDEX`);
    assert.equal(tally.differing, 0);
    assert.ok(tally.outputs > 150 * GRAPHS);
    assert.ok(tally.unsaturated >= 0.6 * tally.narrow);
    assert.ok(tally.portable >= GRAPHS / 3 && tally.onWeb > 50 * GRAPHS, `${tally.portable} graphs are portable`);
    assert.ok(tally.refused <= tally.graphs / 4, `${tally.refused} of ${GRAPHS + tally.refused} graphs were refused`);
  });

  for (const [name, { graph, inputs }] of readRegressions()) {
    it(`regression ${name}`, async () => {
      const comparison = await compareGraph(graph, [inputs]);
      assert.equal(comparison.verdict, 'compared');
      assert.equal(isWrong(comparison), false);
    });
  }

  it('sees a lowering that is wrong by one level, and shrinks its graph to the operator', async () => {
    const specimen = threeLayers();
    assert.equal(isWrong(await compareGraph(specimen.graph, [specimen.inputs])), false);
    const small = await shrink(specimen, async ({ graph, inputs }) => isWrong(await compareGraph(graph, [inputs], wrongPooling)));
    assert.deepEqual(small.graph.nodes.map(({ opType }) => opType), ['MaxPool']);
    assert.ok([...small.inputs.values()].every(({ data }) => data.length <= 8));
    assert.equal(isWrong(await compareGraph(small.graph, [small.inputs], wrongPooling)), true);
  });

  it('a seed repeats its choices, another one makes others', () => {
    const choices = (...seeds: number[]) => new Random(...seeds).ints(20, 0, 1000);
    assert.deepEqual(choices(1, 2), choices(1, 2));
    assert.notDeepEqual(choices(1, 2), choices(2, 1));
    assert.notDeepEqual(choices(1, 2), choices(1, 3));
  });
});

/** A lowering whose maxima see only the first pixel of their window. */
function wrongPooling(graph: Parameters<typeof lowerGraph>[0]): ReturnType<typeof lowerGraph> {
  const program = lowerGraph(graph);
  return {
    ...program,
    operations: program.operations.map((operation) => (operation.kind === 'max' ? { ...operation, window: { ...operation.window, kernel: operation.window.kernel.map(() => 1) } } : operation)),
  };
}

function threeLayers(): Specimen {
  const graph = new GraphBuilder()
    .input('x', 'uint8', [1, 2, 4, 4])
    .node('Transpose', ['x'], 'moved', { perm: [0, 1, 3, 2] })
    .node('MaxPool', ['moved'], 'pooled', { kernel_shape: [2, 2], strides: [2, 2] })
    .node('Flatten', ['pooled'], 'flat')
    .output('flat', 'uint8', [1, 8])
    .output('moved', 'uint8', [1, 2, 4, 4])
    .build();
  return { graph, inputs: new Map([['x', tensor('uint8', [1, 2, 4, 4], integers({ count: 32, lo: 0, hi: 255, seed: 5 }))]]) };
}
