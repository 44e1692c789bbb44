/** How one step function is forced: the cheapest of the exact forms that it has. */
import { affineStepRows, assignAffineStep, constrainAffineStep, type AffineStepParameters } from '../../circuits/affineStep.js';
import type { ConstraintSystem } from '../../circuits/constraintSystem.js';
import { assignTable, constrainTable, tableRows, type TableParameters } from '../../circuits/table.js';
import { assignThresholdStep, constrainThresholdStep, thresholdStepRows, type ThresholdStepParameters } from '../../circuits/thresholdStep.js';
import type { Integers } from '../program/interval.js';
import { stepFunction, type StepFunction } from '../program/step.js';
import type { LinearCombination } from '../r1cs/linearCombination.js';
import type { WitnessSink } from '../r1cs/witness.js';
import { fitAffine } from './affineFit.js';
import type { Form } from './forms.js';
import { fitAlternatingLevels, fitLevels, fitLevelsWithProducts } from './levelFit.js';

export type StepChoice =
  /** y = factor · x + offset on the whole range: nothing to force. */
  | { readonly kind: 'linear'; readonly factor: number; readonly offset: number }
  | { readonly kind: 'affine'; readonly parameters: AffineStepParameters }
  | { readonly kind: 'threshold'; readonly parameters: ThresholdStepParameters }
  | { readonly kind: 'table'; readonly parameters: TableParameters };

/**
 * The cheapest exact form of a step function on its range. Deterministic.
 * @param xIsWire whether x is a wire (plus a constant), which saves a row.
 */
export function chooseStep(step: StepFunction, xIsWire: boolean): StepChoice {
  const { xLo, xHi, lo, thresholds } = step;
  if (thresholds.length === 0) return { kind: 'linear', factor: 0, offset: lo };
  const forms = formsOf(step).map((form): StepChoice => (form.kind === 'affine' ? { ...form, parameters: { ...form.parameters, xIsWire } } : form));
  // The tables of a threshold step grow with the levels; it is not even looked at where they are many and another form exists.
  if (forms.length === 0 || thresholds.length < 2 ** 10) forms.push({ kind: 'threshold', parameters: { lo, thresholds, xLo, xHi } });
  return forms.reduce((best, form) => (stepRows(form) < stepRows(best) ? form : best));
}

const knownForms = new WeakMap<StepFunction, readonly StepChoice[]>();

/** Forms without thresholds, found once for each function. */
function formsOf(step: StepFunction): readonly StepChoice[] {
  const known = knownForms.get(step) ?? findForms(step);
  knownForms.set(step, known);
  return known;
}

function findForms(step: StepFunction): readonly StepChoice[] {
  const { xLo, xHi, lo, thresholds } = step;
  const span = thresholds.length;
  const bent = fitLevels(step);
  const straight = fitAffine(step, bent?.d);
  if (straight?.d === 1 && straight.m * xLo + straight.b >= 0 && straight.m * xHi + straight.b <= span) return [{ kind: 'linear', factor: straight.m, offset: straight.b + lo }];
  const affine = (form: Pick<AffineStepParameters, 'm' | 'b' | 'd' | 'span' | 'bend'>): Extract<StepChoice, { kind: 'affine' }> => ({ kind: 'affine', parameters: { ...form, lo, xLo, xHi } });
  const forms = straight === undefined ? [] : [affine({ ...straight, span })];
  if (bent !== undefined) forms.push(affine(bent));
  if (forms.length > 0) return forms;
  const alternating = fitAlternatingLevels(step);
  if (alternating !== undefined) return [affine(alternating)];
  return [fitLevelsWithProducts(step, false), fitLevelsWithProducts(step, true)].flatMap((form) => (form === undefined ? [] : [affine(form)]));
}

/** The cheapest exact form of a table on [xLo, xHi]: a step where it is one, for that may have an affine form. */
export function chooseTable(values: Integers, lo: number, xLo: number, xHi: number, xIsWire: boolean): StepChoice {
  const reachable = values.slice(xLo - lo, xHi - lo + 1);
  const table: StepChoice = { kind: 'table', parameters: { lo: xLo, values: reachable } };
  const ascending = reachable.every((value, i) => i === 0 || value >= (reachable[i - 1] as number));
  if (!ascending) return table;
  const step = chooseStep(stepFunction((x) => reachable[x - xLo] as number, xLo, xHi), xIsWire);
  return stepRows(step) <= stepRows(table) ? step : table;
}

/** Rows of one element; a linear form has none of its own. */
export function stepRows(choice: StepChoice): number {
  switch (choice.kind) {
    case 'linear':
      return 0;
    case 'affine':
      return affineStepRows(choice.parameters);
    case 'threshold':
      return thresholdStepRows(choice.parameters);
    case 'table':
      return tableRows(choice.parameters);
  }
}

/** Whether a linear form gets a wire of its own: not when it is constant, or its operand plus a constant. */
export function needsWire({ factor }: Extract<StepChoice, { kind: 'linear' }>, operand: Form): boolean {
  return factor !== 0 && !(factor === 1 && operand === 'wires');
}

/** Forces y = step(x) and returns y. */
export function constrainStep(cs: ConstraintSystem, x: LinearCombination, choice: Exclude<StepChoice, { kind: 'linear' }>): LinearCombination {
  switch (choice.kind) {
    case 'affine':
      return constrainAffineStep(cs, x, choice.parameters);
    case 'threshold':
      return constrainThresholdStep(cs, x, choice.parameters);
    case 'table':
      return constrainTable(cs, x, choice.parameters);
  }
}

/** Writes the wires of one step from `first` on and returns the next free wire. */
export function assignStep(sink: WitnessSink, first: number, x: number, choice: Exclude<StepChoice, { kind: 'linear' }>): number {
  switch (choice.kind) {
    case 'affine':
      return assignAffineStep(sink, first, x, choice.parameters);
    case 'threshold':
      return assignThresholdStep(sink, first, x, choice.parameters);
    case 'table':
      return assignTable(sink, first, x, choice.parameters);
  }
}
