/** What a program costs, by operation, from the formulas of the gadgets: exact for rows and wires, before anything is allocated. */
import { argmaxRows } from '../../circuits/argmax.js';
import { commitmentRows } from '../../circuits/commitment.js';
import { inputRows } from '../../circuits/input.js';
import { maxRows } from '../../circuits/max.js';
import { packedSumsRows } from '../../circuits/packedProducts.js';
import { productsRows } from '../../circuits/products.js';
import { softmaxRows } from '../../circuits/softmax.js';
import { weightedGroups, type WeightedOperation } from '../program/weighted.js';
import { LinearRow, linearRows } from '../program/linear.js';
import { windows } from '../program/pool.js';
import type { LinearOperation, Operation, Program, ProgramTensor } from '../program/program.js';
import { commitmentHeader } from '../verify/commitment.js';
import { sideSignals, signalCount, type PublicLayout } from '../verify/publicLayout.js';
import { committedParts, type Committed } from '../verify/visibility.js';
import type { Choice } from './choices.js';
import type { Form } from './forms.js';
import { integerRows, integerStrategy, type IntegerChoice } from './integerGadgets.js';
import { softmaxParameters } from './softmaxChoice.js';
import { needsWire, stepRows, type StepChoice } from './stepChoice.js';

export interface OperationCost {
  /** The ONNX node. */
  readonly node: string;
  readonly kind: Operation['kind'];
  readonly elements: number;
  readonly rows: number;
  /** How the values are forced, in words. */
  readonly strategy: string;
}

export interface CostReport {
  readonly rows: number;
  readonly publicSignals: number;
  /** Terms of linear maps in the matrices, about: the bulk of all entries. */
  readonly linearTerms: number;
  readonly operations: readonly OperationCost[];
  /** Rows of the commitments. */
  readonly commitments: readonly { readonly part: Committed; readonly rows: number }[];
}

export interface CostParameters {
  readonly program: Program;
  readonly choices: readonly Choice[];
  readonly forms: readonly Form[];
  readonly layout: PublicLayout;
}

/** The linear layers of Poseidon stand in C: 7,000 terms in 642 rows at most. */
const TERMS_PER_HASH_ROW = 12;

/** The cost of a program under given choices. */
export function costOf({ program, choices, forms, layout }: CostParameters): CostReport {
  const operations = program.operations.map((operation, id): OperationCost => {
    const tensor = program.tensors[id] as ProgramTensor;
    const sourceForm = operation.kind === 'step' || operation.kind === 'table' ? (forms[operation.inputs[0]] as Form) : 'wires';
    return {
      node: tensor.node,
      kind: operation.kind,
      elements: tensor.bounds.lo.length,
      rows: rowsOf(operation, tensor, choices[id] as Choice, forms[id] as Form, sourceForm),
      strategy: strategyOf(operation, choices[id] as Choice, forms[id] as Form),
    };
  });
  const { visibility } = layout;
  const commitments = committedParts(visibility).map((part) => ({ part, rows: commitmentRows(commitmentHeader(part, layout[part]).length, 1 + sideSignals(layout[part], 'public')) }));
  const words = (['outputs', 'inputs'] as const).reduce((sum, side) => sum + (visibility[side] === 'public' ? sideSignals(layout[side], 'public') : 0), 0);
  const parts = [...operations, ...commitments];
  return {
    rows: parts.reduce((total, { rows }) => total + rows, words + 1),
    publicSignals: signalCount(layout),
    linearTerms: program.operations.reduce((total, operation) => total + (operation.kind === 'linear' ? termsOf(operation) : operation.kind === 'weighted' ? operation.map.weights.length : 0), commitments.reduce((total, { rows }) => total + rows * TERMS_PER_HASH_ROW, 0)),
    operations,
    commitments,
  };
}

function rowsOf(operation: Operation, { bounds }: ProgramTensor, choice: Choice, form: Form, sourceForm: Form): number {
  const elements = bounds.lo.length;
  switch (operation.kind) {
    case 'input':
      return elements * inputRows(operation);
    case 'constant':
    case 'view':
      return 0;
    case 'linear':
      return form === 'wires' ? elements : 0;
    case 'weighted':
      return weightedRows(operation, choice as Extract<Choice, { kind: 'packed' }>);
    case 'product':
      return elements * productsRows(operation.terms);
    case 'step':
    case 'table': {
      const { steps } = choice as Extract<Choice, { kind: 'steps' }>;
      const perStep = steps.map((step) => (step.kind === 'linear' ? Number(needsWire(step, sourceForm)) : stepRows(step)));
      let rows = 0;
      for (let i = 0; i < elements; i++) rows += perStep[Math.floor(i / operation.inner) % perStep.length] as number;
      return rows;
    }
    case 'max': {
      const compare = choice as Extract<Choice, { kind: 'compare' }>;
      const reader = windows(operation);
      let rows = 0;
      for (let i = 0; i < reader.count; i++) rows += maxRows(reader.read(i).length, compare);
      return rows;
    }
    case 'argmax':
      return elements * (argmaxRows(operation.length, { ...operation, ...(choice as Extract<Choice, { kind: 'compare' }>) }) + 1);
    case 'softmax':
      return (elements / operation.length) * softmaxRows(softmaxParameters(operation, choice as Extract<Choice, { kind: 'compare' }>));
    case 'fit':
    case 'bilinear':
    case 'compare':
    case 'select':
    case 'divide':
    case 'bits':
      return integerRows(operation, choice as IntegerChoice, elements);
  }
}

/** As emitWeighted of emit.ts: the distinct packs, and the sums of each group. */
function weightedRows({ map }: WeightedOperation, choice: Extract<Choice, { kind: 'packed' }>): number {
  const rows = linearRows(map);
  const row = new LinearRow();
  const packs = new Set<number>();
  let total = 0;
  for (const group of weightedGroups(map, choice.perPack)) {
    rows.read(group[0] as number, row);
    for (let term = 0; term < row.length; term++) packs.add(row.weights[term] as number);
    total += packedSumsRows(row.length, group.length, choice);
  }
  return total + packs.size;
}

/** Terms in all rows of a linear map. */
function termsOf({ map }: LinearOperation): number {
  const rows = linearRows(map);
  const row = new LinearRow();
  let terms = 0;
  for (let i = 0; i < rows.count; i++) {
    rows.read(i, row);
    terms += row.length;
  }
  return terms;
}

function strategyOf(operation: Operation, choice: Choice, form: Form): string {
  switch (operation.kind) {
    case 'input':
      return 'range check';
    case 'constant':
    case 'view':
      return 'free';
    case 'linear':
      return form === 'wires' ? 'own wires' : 'free';
    case 'weighted':
      return `hidden weights, ${(choice as Extract<Choice, { kind: 'packed' }>).perPack} to a product`;
    case 'product':
      return 'one row per product';
    case 'step':
    case 'table':
      return stepStrategies((choice as Extract<Choice, { kind: 'steps' }>).steps);
    case 'max':
    case 'argmax': {
      const { lo, hi } = choice as Extract<Choice, { kind: 'compare' }>;
      return `comparisons in [${lo}, ${hi}]`;
    }
    case 'softmax':
      return `float32 sums of ${operation.length}`;
    case 'fit':
    case 'bilinear':
    case 'compare':
    case 'select':
    case 'divide':
    case 'bits':
      return integerStrategy(operation, choice as IntegerChoice);
  }
}

/** For example `affine ×14 (25 to 29 rows), threshold ×2 (97 rows)`. */
function stepStrategies(steps: readonly StepChoice[]): string {
  const kinds = [...new Set(steps.map(({ kind }) => kind))];
  return kinds
    .map((kind) => {
      const rows = steps.filter((step) => step.kind === kind).map(stepRows);
      const [least, most] = [Math.min(...rows), Math.max(...rows)];
      return `${kind} ×${rows.length} (${least === most ? least : `${least} to ${most}`} rows)`;
    })
    .join(', ');
}
