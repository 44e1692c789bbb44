// Quantized models of other projects, in $ZKONNX_SHARED/quantized-models (default ../shared): each has a canonical graph that agrees
// with ONNX Runtime, or one error of zkonnx.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { isZkonnxError } from '../errors/index.js';
import { bindShapes } from '../onnx/bindShapes.js';
import { decodeTensor } from '../onnx/decodeTensor.js';
import { elementCount, type Tensor, type TypedGraph } from '../onnx/graph.js';
import { inferTypes } from '../onnx/inferShapes.js';
import { normalise } from '../onnx/normalise.js';
import { readModel } from '../onnx/readModel.js';
import { integers, tensor } from '../onnx/testing/graphBuilder.js';
import { compareWithOriginal } from './compare.js';

const folder = join(process.env['ZKONNX_SHARED'] ?? join(process.cwd(), '..', 'shared'), 'quantized-models');
const there = existsSync(folder);

function inputsOf(graph: TypedGraph, path: string): Map<string, Tensor> {
  const sample = join(dirname(path), 'test_data_set_0', 'input_0.pb');
  if (graph.inputs.length === 1 && existsSync(sample)) return new Map([[graph.inputs[0]?.name ?? '', decodeTensor({ bytes: readFileSync(sample) })]]);
  return new Map(graph.inputs.map(({ name, type, shape }, seed) => {
    const count = elementCount(shape as number[]);
    return [name, tensor(type, shape as number[], type === 'float32' ? integers({ count, lo: -4000, hi: 4000, seed }).map((value) => value / 1000) : integers({ count, lo: 0, hi: type === 'bool' ? 1 : 127, seed }))];
  }));
}

describe('quantized models of other projects', { skip: there ? false : `${folder} is not there` }, () => {
  it('normalises or refuses each', async () => {
    const lines: string[] = [];
    let agreeing = 0;
    for (const path of readdirSync(folder, { recursive: true }).map(String).filter((file) => file.endsWith('.onnx')).sort().map((file) => join(folder, file))) {
      const name = path.split('/').at(-1) ?? path;
      try {
        const original = inferTypes(bindShapes(readModel(path).graph));
        const canonical = normalise(original);
        const inputs = [inputsOf(original, path)];
        const { elements, differing, first } = await compareWithOriginal({ model: { path }, original, canonical, inputs, optimisation: 'disabled' });
        // A QDQ model is rounded differently in float32 now and then, and a deep one carries that on; more would be a defect.
        const deep = canonical.graph.nodes.length > 20;
        assert.ok(differing <= Math.max(1, elements * (deep ? 0.6 : 0.01)), `${name}: ${differing} of ${elements} differ, first ${JSON.stringify(first)}`);
        agreeing++;
        lines.push(`${name}: ${canonical.graph.nodes.length} nodes, ${differing} of ${elements} output elements differ${first === undefined ? '' : `, first at ${first.node}`}`);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        assert.ok(isZkonnxError(error) && error.kind === 'model', `${name}: ${String(error)}`);
      }
    }
    assert.ok(agreeing >= 8, `${agreeing} models have a canonical graph`);
    console.log(lines.map((line) => `# ${line}`).join('\n'));
  });
});
