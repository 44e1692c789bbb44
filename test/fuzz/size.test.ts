import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compileProgram, drawBlueprint, measureCircuit, type Blueprint } from '../../src/compile/index.js';
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
    const graph = (await graphOf(campaign, index))?.graph;
    const visibility = VISIBILITIES[graphs % VISIBILITIES.length];
    const drawn = graph === undefined ? undefined : drawing(graph, visibility);
    if (drawn === undefined) continue;
    graphs++;
    const { program, blueprint } = drawn;
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

/** The program of a graph and the blueprint of its circuit; undefined where either is refused. */
function drawing(graph: Graph, visibility: Visibility | undefined): { program: Program; blueprint: Blueprint } | undefined {
  try {
    const program = lowerGraph(normalise(inferTypes(bindShapes(graph))).graph);
    return { program, blueprint: drawBlueprint(program, { visibility }) };
  } catch (error) {
    if (isZkonnxError(error)) return undefined;
    throw error;
  }
}
