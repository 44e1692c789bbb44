/** Writes test/golden/rows.json: the exact rows of the committed models. Run it when rows change on purpose, and say why in the commit. */
import { readFileSync, writeFileSync } from 'node:fs';
import { drawBlueprint } from '../src/compile/compile.js';
import { lowerGraph } from '../src/lower/lower.js';
import { bindShapes } from '../src/onnx/bindShapes.js';
import { inferTypes } from '../src/onnx/inferShapes.js';
import { normalise } from '../src/onnx/normalise.js';
import { readModel } from '../src/onnx/readModel.js';
import { goldenModels } from '../test/support/digits.js';

const path = 'test/golden/rows.json';
const rows = Object.fromEntries(goldenModels().map((model) => [model, drawBlueprint(lowerGraph(normalise(inferTypes(bindShapes(readModel(model).graph))).graph)).cost.rows]));
const before = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>;
for (const [model, count] of Object.entries(rows)) if (before[model] !== count) console.log(`${model}: ${before[model] ?? 'new'} → ${count}`);
writeFileSync(path, `${JSON.stringify(rows, null, 2)}\n`);
