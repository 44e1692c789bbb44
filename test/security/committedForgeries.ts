/**
 * Whole models whose inputs, outputs or weights are hashed. The verifier fixes only the commitments, so that the prover chooses the
 * values and the salts as well. What is asked for: another output for the same commitments, another preimage of one, or, with the
 * committed values as they are, another commitment of the outputs. Poseidon is the real one; that nobody finds a second preimage by
 * other means than moving wires is its own assumption.
 */
import { bindShapes } from '../../src/onnx/bindShapes.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise } from '../../src/onnx/normalise.js';
import { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import type { Visibility } from '../../src/verify/visibility.js';
import { bigSystem, withoutBigRow, type BigSystem } from '../soundness/bigSystem.js';
import { wholeCircuit, wholeModel, type WholeModel, type WiresOfCommitment } from '../soundness/wholeModel.js';
import { tryWirePairs } from '../soundness/wirePairs.js';
import type { Finding, Part, Scale } from './experiment.js';
import { changedWires, elimination, jump, jumps, type Target } from './modelAttacks.js';

const ALL_HASHED: Visibility = { inputs: 'hashed', outputs: 'hashed', weights: 'hashed' };
const VISIBILITIES: readonly Visibility[] = [
  ALL_HASHED,
  { inputs: 'hashed', outputs: 'public', weights: 'fixed' },
  { inputs: 'public', outputs: 'hashed', weights: 'fixed' },
  { inputs: 'public', outputs: 'public', weights: 'hashed' },
  { inputs: 'private', outputs: 'public', weights: 'hashed' },
  { inputs: 'hashed', outputs: 'private', weights: 'hashed' },
];

export function committedModels(scale: Scale): Part[] {
  const part = (kind: string, build: (visibility: Visibility) => WholeModel, visibility: Visibility): Part => {
    const name = `${kind}, inputs ${visibility.inputs}, outputs ${visibility.outputs}, weights ${visibility.weights}`;
    return { name, run: () => attackCommitted(name, build(visibility), scale) };
  };
  if (scale === 'sample') return [part('dense', dense, ALL_HASHED)];
  return [
    { name: 'mlp.int8.qoperator, all hashed', run: () => attackDigits(scale) },
    ...VISIBILITIES.map((visibility) => part('dense', dense, visibility)),
    ...VISIBILITIES.filter(({ weights }) => weights === 'hashed').slice(0, 2).map((visibility) => part('convolution', convolution, visibility)),
  ];
}

/** A model of the size of a product: without the jumps, which grow with the square of it. */
function attackDigits(scale: Scale): Finding[] {
  const model = wholeModel('examples/digits/mlp.int8.qoperator.onnx', 3, ALL_HASHED);
  const target: Target = { name: 'mlp.int8.qoperator, all hashed', model, system: bigSystem(model.r1cs), scale };
  return named([...changedWires(target, model.statement, forgeryOf(model)), elimination(target)]);
}

/** Two products by weights. */
function dense(visibility: Visibility): WholeModel {
  const graph = new GraphBuilder()
    .input('x', 'int8', [1, 4])
    .constant('s', 'float32', [], [0.05])
    .constant('t', 'float32', [], [0.11])
    .constant('z', 'int8', [], [3])
    .constant('o', 'int8', [], [0])
    .constant('w', 'int8', [4, 3], [1, -2, 3, 50, -60, 70, -128, 127, 9, 0, 33, -7])
    .constant('v', 'int8', [3, 2], [20, -30, 40, 50, -60, 7])
    .node('QLinearMatMul', ['x', 's', 'z', 'w', 's', 'o', 't', 'z'], 'h')
    .node('QLinearMatMul', ['h', 't', 'z', 'v', 's', 'o', 't', 'z'], 'y')
    .output('y', 'int8', [1, 2])
    .build();
  return wholeCircuit(normalise(inferTypes(bindShapes(graph))).graph, [Float64Array.of(5, -77, 100, -128)], visibility);
}

/** A convolution with a bias, and maxima of its results. */
function convolution(visibility: Visibility): WholeModel {
  const graph = new GraphBuilder()
    .input('x', 'uint8', [1, 1, 3, 3])
    .constant('s', 'float32', [], [0.03])
    .constant('t', 'float32', [], [0.2])
    .constant('z', 'uint8', [], [7])
    .constant('o', 'int8', [], [0])
    .constant('w', 'int8', [1, 1, 2, 2], [12, -128, 127, -3])
    .constant('b', 'int32', [1], [-1000])
    .node('QLinearConv', ['x', 's', 'z', 'w', 's', 'o', 't', 'z', 'b'], 'c', { kernel_shape: [2, 2] })
    .node('MaxPool', ['c'], 'y', { kernel_shape: [2, 2] })
    .output('y', 'uint8', [1, 1, 1, 1])
    .build();
  return wholeCircuit(normalise(inferTypes(bindShapes(graph))).graph, [Float64Array.of(0, 255, 13, 77, 128, 200, 9, 31, 250)], visibility);
}

function attackCommitted(name: string, model: WholeModel, scale: Scale): Finding[] {
  const target: Target = { name, model, system: bigSystem(model.r1cs), scale };
  return named([...changedWires(target, model.statement, forgeryOf(model)), elimination(target), jumps(target), ...model.commitments.flatMap((commitment) => openings(target, commitment))]);
}

function named(found: readonly Finding[]): Finding[] {
  return found.map((one) => ({ ...one, attack: one.attack.replace('model:', 'hashed model:') }));
}

/** Other values than the committed ones, another result, or another public output that is no new commitment by another salt. */
function forgeryOf({ operations, commitments, publicOutputs, honest }: WholeModel): (values: readonly bigint[]) => boolean {
  const results = operations.flatMap((operation) => operation.results);
  const salts = commitments.flatMap(({ part, first }) => (part === 'outputs' ? [] : [first]));
  const outputSalt = commitments.find(({ part }) => part === 'outputs')?.first;
  return (values) => {
    const changed = (wire: number): boolean => values[wire] !== honest[wire];
    return results.some(changed) || salts.some(changed) || ((outputSalt === undefined || !changed(outputSalt)) && [...publicOutputs].some(changed));
  };
}

/** Another opening of one commitment: another salt, or other values; of outputs another commitment of what is computed. */
function openings({ name, model, system, scale }: Target, commitment: WiresOfCommitment): Finding[] {
  const { part, first, end, signal } = commitment;
  const { honest } = model;
  const wires = Array.from({ length: end - first }, (_, i) => first + i).filter((_, i) => scale === 'full' || i % 10 === 0);
  const [lastRow, saltRow] = [system.rowsOf[signal]?.[0] as number, system.rowsOf[first]?.[0] as number];
  const label = `${name}: commitment of the ${part}`;
  if (part === 'outputs') {
    // The salt stays: with another one it is another commitment of the same values.
    return [jump({ name: label, attack: { system, honest, targets: new Set([signal]), first: first + 1, end, also: new Set([signal]), starts: [signal, ...wires.slice(1)] }, control: { row: lastRow, starts: [signal] } })];
  }
  const salt = jump({ name: `${label}, salt`, attack: { system, honest, targets: new Set([first]), first, end, starts: wires }, control: { row: saltRow, starts: [first] } });
  const withoutSalt = tryWirePairs({ system: withoutBigRow(system, saltRow), honest, wires: [first], given: model.statement, isForgery: forgeryOf(model) });
  const saltControl: Finding = { attack: 'model: one wire', tried: 0, accepted: 0, controls: 1, controlsWon: Number(withoutSalt.accepted.length > 0), alarms: withoutSalt.accepted.length > 0 ? [] : [`control of ${label} without the row of its salt lost`] };
  return [salt, saltControl, ...otherValues({ name: label, model, system, scale }, commitment)];
}

/** Jumps of the committed values. */
function otherValues({ name, model, system, scale }: Target, { first, end }: WiresOfCommitment): Finding[] {
  const own = Array.from({ length: end - first }, (_, i) => first + i);
  return model.operations.filter(({ kind }) => kind === 'input').flatMap((operation) => {
    const target = operation.results[0] as number;
    const row = absorbingRow(system, target, first, end);
    if (row === undefined) return [];
    const starts = Array.from({ length: operation.end - operation.first }, (_, i) => operation.first + i).filter((_, i) => scale === 'full' || i % 5 === 0);
    return [jump({ name: `${name}, ${operation.name}`, attack: { ...operation, system, honest: model.honest, targets: new Set(operation.results), also: new Set(own), starts }, control: { row, starts: Array.from({ length: Math.min(20, operation.end - operation.first) }, (_, i) => operation.first + i) } })];
  });
}

/** The row by which a value enters a commitment. */
function absorbingRow({ rows, rowsOf }: BigSystem, value: number, first: number, end: number): number | undefined {
  return rowsOf[value]?.find((row) => Object.values(rows[row] ?? {}).some((terms: readonly (readonly [number, bigint])[]) => terms.some(([wire]) => wire >= first && wire < end)));
}
