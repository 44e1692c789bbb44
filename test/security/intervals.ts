/**
 * No combination wraps around the field: the rows of compiled models, on the worst inputs, hold over the integers, without any modulus,
 * when each wire is taken as the integer of least size that it stands for. A wire of 2^250 or more would be an alarm as well.
 */
import { compileProgram } from '../../src/compile/compile.js';
import { generateWitness } from '../../src/compile/witness.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { bindShapes } from '../../src/onnx/bindShapes.js';
import type { Graph } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise } from '../../src/onnx/normalise.js';
import { readModel } from '../../src/onnx/readModel.js';
import { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import type { Program } from '../../src/program/program.js';
import { FIELD_PRIME } from '../../src/r1cs/field.js';
import { bigSystem, type BigTerm } from '../soundness/bigSystem.js';
import { wireValues } from '../support/checkR1cs.js';
import { finding, randomNumbers, type Experiment, type Finding, type Scale } from './experiment.js';

export const intervals: Experiment = {
  name: 'intervals',
  about: 'rows hold over the integers, not only modulo r, on the largest, smallest and most alternating inputs and weights',
  forgeries: false,
  parts: (scale) => Object.entries(programs(scale)).map(([name, program]) => ({ name, run: () => [overIntegers(name, program())] })),
};

const LARGEST = 1n << 250n;

function programs(scale: Scale): Record<string, () => Program> {
  const examples = scale === 'full' ? ['mlp.int8.qoperator', 'cnn.int8.qoperator', 'cnn.uint8.qdq'] : ['mlp.int8.qoperator'];
  return {
    'worst weights, signed': () => programOf(worstWeights('int8', scale === 'full' ? 16_000 : 500)),
    'worst weights, unsigned': () => programOf(worstWeights('uint8', scale === 'full' ? 16_000 : 500)),
    ...Object.fromEntries(examples.map((name) => [name, () => programOf(readModel(`examples/digits/${name}.onnx`).graph)])),
  };
}

function programOf(graph: Graph): Program {
  return lowerGraph(normalise(inferTypes(bindShapes(graph))).graph);
}

/** A product with the largest weights of either sign and a bias near the end of int32, rescaled twice. */
function worstWeights(type: 'int8' | 'uint8', size: number): Graph {
  const [least, most] = type === 'int8' ? [-128, 127] : [0, 255];
  const weights = Array.from({ length: size * 4 }, (_, i) => ([most, least, i % 8 < 4 ? most : least, i % 3 === 0 ? least : most] as const)[i % 4] as number);
  return new GraphBuilder()
    .input('x', type, [1, size])
    .constant('one', 'float32', [], [1])
    .constant('zero', type, [], [least])
    .constant('w', type, [size, 4], weights)
    .constant('small', 'float32', [], [2 ** -20])
    .constant('end', type, [], [most])
    .node('QLinearMatMul', ['x', 'one', 'end', 'w', 'one', 'zero', 'large', 'end'], 'h')
    .constant('large', 'float32', [], [2 ** 22])
    .node('QLinearMatMul', ['h', 'one', 'zero', 'v', 'one', 'end', 'hundred', 'zero'], 'y')
    .constant('v', type, [4, 2], [most, least, most, least, least, most, least, most])
    .constant('hundred', 'float32', [], [100.25])
    .output('y', type, [1, 2])
    .build();
}

function overIntegers(name: string, program: Program): Finding {
  const { r1cs, plan } = compileProgram({ program });
  const { rows } = bigSystem(r1cs);
  const alarms = new Set<string>();
  let tried = 0;
  for (const inputs of worstInputs(program)) {
    const values = wireValues(generateWitness({ plan, inputs, context: FIELD_PRIME - 1n }).witness, r1cs.prime).map((value) => (2n * value > FIELD_PRIME ? value - FIELD_PRIME : value));
    const sum = (terms: readonly BigTerm[]): bigint => terms.reduce((total, [wire, coefficient]) => total + coefficient * (values[wire] as bigint), 0n);
    rows.forEach(({ a, b, c }, row) => {
      const [left, right, product] = [sum(a), sum(b), sum(c)] as const;
      tried++;
      // The context is any field element, and its row is there for it alone.
      if (left * right !== product && !isContext(a)) alarms.add(`${name}: row ${row} holds only modulo r`);
      if ([left, right, product].some((value) => value >= LARGEST || value <= -LARGEST) && !isContext(a)) alarms.add(`${name}: row ${row} reaches 2^250`);
    });
  }
  return finding('rows over the integers', tried, [...alarms]);

  function isContext(terms: readonly BigTerm[]): boolean {
    return terms.length === 1 && terms[0]?.[0] === 1 + r1cs.publicOutputCount;
  }
}

/** All least, all most, alternating, and at random from both. */
function worstInputs(program: Program): Float64Array[][] {
  const random = randomNumbers(3);
  const choices: readonly ((index: number) => boolean)[] = [() => false, () => true, (index) => index % 2 === 0, (index) => index % 4 === 1, () => random() < 0.5, () => random() < 0.5];
  return choices.map((most) =>
    program.inputs.map((id) => {
      const { lo, hi } = (program.tensors[id] as Program['tensors'][number]).bounds;
      return lo.map((least, index) => (most(index) ? (hi[index] as number) : least));
    }),
  );
}
