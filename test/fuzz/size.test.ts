import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compileProgram, drawBlueprint, measureCircuit } from '../../src/compile/index.js';
import { isZkonnxError } from '../../src/errors/index.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { bindShapes } from '../../src/onnx/bindShapes.js';
import type { Graph } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise } from '../../src/onnx/normalise.js';
import type { Program } from '../../src/program/program.js';
import { ALL_PUBLIC, type Visibility } from '../../src/verify/visibility.js';
import { graphOf, probePalette } from './campaign.js';

const SEED = 77;
const GRAPHS = 60;
const VISIBILITIES: readonly Visibility[] = [ALL_PUBLIC, { inputs: 'hashed', outputs: 'hashed', weights: 'fixed' }, { inputs: 'private', outputs: 'public', weights: 'fixed' }];

it(`the measured size of ${GRAPHS} random graphs is that of the compiled circuit`, async (test) => {
  const campaign = { palette: await probePalette('all'), family: 'all', seed: SEED } as const;
  const entries = { measured: 0, compiled: 0 };
  const kinds = new Set<string>();
  let graphs = 0;
  for (let index = 0; graphs < GRAPHS; index++) {
    const program = programOf((await graphOf(campaign, index))?.graph);
    if (program === undefined) continue;
    graphs++;
    const visibility = VISIBILITIES[graphs % VISIBILITIES.length];
    const blueprint = drawBlueprint(program, { visibility });
    const { total } = measureCircuit(blueprint);
    const { r1cs } = compileProgram({ program, visibility });
    blueprint.program.operations.forEach(({ kind }) => kinds.add(kind));
    assert.deepEqual([total.rows, total.wires], [r1cs.rowCount, r1cs.wireCount], `graph ${index}`);
    entries.measured += total.a + total.b + total.c;
    entries.compiled += r1cs.a.wires.length + r1cs.b.wires.length + r1cs.c.wires.length;
  }
  test.diagnostic(`${[...kinds].sort().join(', ')}; ${entries.measured} entries measured, ${entries.compiled} compiled`);
  assert.ok(kinds.size >= 12);
  assert.ok(Math.abs(entries.measured - entries.compiled) <= entries.compiled / 50);
});

/** The program of a graph; undefined where it is refused. */
function programOf(graph: Graph | undefined): Program | undefined {
  if (graph === undefined) return undefined;
  try {
    return lowerGraph(normalise(inferTypes(bindShapes(graph))).graph);
  } catch (error) {
    if (isZkonnxError(error)) return undefined;
    throw error;
  }
}
