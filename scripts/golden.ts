/** Writes test/golden: the exact rows of the committed models and of the gadgets. Run it when rows change on purpose, and say why in the commit. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { drawBlueprint } from '../src/compile/compile.js';
import { lowerGraph } from '../src/lower/lower.js';
import { bindShapes } from '../src/onnx/bindShapes.js';
import { inferTypes } from '../src/onnx/inferShapes.js';
import { normalise } from '../src/onnx/normalise.js';
import { readModel } from '../src/onnx/readModel.js';
import { gadgetRows } from '../test/golden/gadgets.js';
import { goldenCircuits } from '../test/support/digits.js';

const models = Object.fromEntries(goldenCircuits().map(({ name, model, visibility }) => {
  const { graph } = normalise(inferTypes(bindShapes(readModel(model).graph)));
  return [name, drawBlueprint(lowerGraph(graph, { hidesWeights: visibility.weights === 'hashed' }), { visibility }).cost.rows];
}));
record('test/golden/rows.json', models);
record('test/golden/gadgets.json', gadgetRows());

function record(path: string, rows: Readonly<Record<string, number>>): void {
  const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>) : {};
  for (const [name, count] of Object.entries(rows)) if (before[name] !== count) console.log(`${name}: ${before[name] ?? 'new'} → ${count}`);
  writeFileSync(path, `${JSON.stringify(rows, null, 2)}\n`);
}
