import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { goldenCircuits } from '../../test/support/digits.js';
import { isZkonnxError } from '../errors/index.js';
import { lowerGraph } from '../lower/lower.js';
import { bindShapes } from '../onnx/bindShapes.js';
import { inferTypes } from '../onnx/inferShapes.js';
import { normalise } from '../onnx/normalise.js';
import { readModel } from '../onnx/readModel.js';
import type { Program } from '../program/program.js';
import { r1csDigest } from '../r1cs/r1csFile.js';
import { compileProgram } from './compile.js';
import { readPlanFile, writePlanFile } from './planFile.js';
import { generateWitness } from './witness.js';

const MODEL = 'examples/digits/mlp.int8.qoperator.onnx';

function programOf(model: string, hidesWeights = false): Program {
  return lowerGraph(normalise(inferTypes(bindShapes(readModel(model).graph))).graph, { hidesWeights });
}

function zeros(program: Program): Float64Array[] {
  return program.inputs.map((id) => new Float64Array(program.tensors[id]?.bounds.lo.length ?? 0));
}

describe('compileProgram', () => {
  it('is deterministic', () => {
    const [first, second] = [compileProgram({ program: programOf(MODEL) }), compileProgram({ program: programOf(MODEL) })];
    assert.deepEqual(r1csDigest(first.r1cs), r1csDigest(second.r1cs));
    assert.deepEqual(first.plan, second.plan);
  });

  it('refuses a circuit that does not fit before it allocates anything', () => {
    assert.throws(
      () => compileProgram({ program: programOf(MODEL), memoryLimit: 1000 }),
      (error) => isZkonnxError(error) && error.code === 'MODEL_TOO_LARGE' && error.details.expected !== undefined && error.details.found !== undefined,
    );
  });

  it('can be cancelled', () => {
    assert.throws(() => compileProgram({ program: programOf(MODEL), signal: AbortSignal.abort() }), (error) => isZkonnxError(error) && error.code === 'CANCELLED');
  });

  it('reports the rows that it made, node by node', () => {
    const { r1cs, cost } = compileProgram({ program: programOf(MODEL) });
    assert.equal(cost.rows, r1cs.rowCount);
    const words = r1cs.publicOutputCount + r1cs.publicInputCount;
    assert.equal(cost.operations.reduce((total, { rows }) => total + rows, 0) + words, r1cs.rowCount);
  });

  // Rows are exact and only ever change on purpose: fewer is a gain to state in the commit, more needs a reason.
  const golden = JSON.parse(readFileSync('test/golden/rows.json', 'utf8')) as Record<string, number>;
  for (const { name, model, visibility } of goldenCircuits()) {
    it(`has the rows of record for ${name}`, () => {
      assert.equal(compileProgram({ program: programOf(model, visibility.weights === 'hashed'), visibility }).r1cs.rowCount, golden[name]);
    });
  }
  it('has no rows on record for circuits that there are not', () => {
    assert.deepEqual(Object.keys(golden).sort(), goldenCircuits().map(({ name }) => name).sort());
  });
});

describe('the witness plan', () => {
  it('gives the same witness after it was written and read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zkonnx-plan-'));
    try {
      const program = programOf(MODEL);
      const { plan } = compileProgram({ program });
      const path = join(folder, 'plan.zkplan');
      await writePlanFile({ plan, path });
      const read = await readPlanFile(path);
      assert.deepEqual(generateWitness({ plan: read, inputs: zeros(program), context: 3n }), generateWitness({ plan, inputs: zeros(program), context: 3n }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is refused when it is damaged', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zkonnx-plan-'));
    try {
      const path = join(folder, 'plan.zkplan');
      await writePlanFile({ plan: compileProgram({ program: programOf(MODEL) }).plan, path });
      const bytes = new Uint8Array(readFileSync(path));
      for (let tenth = 0; tenth < 10; tenth++) {
        await assert.rejects(readPlanFile(bytes.slice(0, Math.floor((bytes.length * tenth) / 10))), (error) => isZkonnxError(error) && error.code === 'ARTIFACT_MALFORMED');
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
