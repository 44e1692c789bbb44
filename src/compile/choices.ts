import { packing, type PackedParameters } from '../../circuits/packedProducts.js';
import { hull } from '../program/interval.js';
import type { Operation, Program, ProgramTensor, TensorId } from '../program/program.js';
import type { Form } from './forms.js';
import { chooseInteger, type IntegerChoice } from './integerGadgets.js';
import { chooseSoftmax } from './softmaxChoice.js';
import { chooseStep, chooseTable, type StepChoice } from './stepChoice.js';

/** How an operation is forced. Operations without a choice cost nothing, or can be forced in one way only. */
export type Choice =
  | IntegerChoice
  /** One per step function of the operation. */
  | { readonly kind: 'steps'; readonly steps: readonly StepChoice[] }
  /** Weights packed into field elements, `perPack` to each. */
  | ({ readonly kind: 'packed'; readonly perPack: number } & PackedParameters)
  /** The bounds of the values that are compared. */
  | { readonly kind: 'compare'; readonly lo: number; readonly hi: number };

/** The choice of each operation, given the form of each tensor. `onProgress` is called with the share that is done before each. */
export function chooseAll(program: Program, forms: readonly Form[], onProgress?: (share: number) => void): Choice[] {
  return program.operations.map((operation, id) => {
    onProgress?.(id / program.operations.length);
    return chooseOne(program, forms, operation, id);
  });
}

function chooseOne(program: Program, forms: readonly Form[], operation: Operation, id: TensorId): Choice {
  switch (operation.kind) {
    case 'weighted': {
      const { lo, hi } = hull((program.tensors[id] as ProgramTensor).bounds);
      return { kind: 'packed', lo, hi, ...packing(lo, hi) };
    }
    case 'input':
    case 'constant':
    case 'view':
    case 'linear':
    case 'product':
      return { kind: 'none' };
    case 'step':
      return { kind: 'steps', steps: operation.functions.map((step) => chooseStep(step, forms[operation.inputs[0]] === 'wires')) };
    case 'table': {
      const { bounds } = program.tensors[operation.inputs[0]] as ProgramTensor;
      const channels = channelElements(bounds.lo.length, operation.inner, operation.tables.length);
      return {
        kind: 'steps',
        steps: operation.tables.map((values, channel) => {
          const { lo, hi } = hull(bounds, channels[channel]);
          return chooseTable(values, operation.lo, lo, hi, forms[operation.inputs[0]] === 'wires');
        }),
      };
    }
    case 'max':
    case 'argmax':
      return { kind: 'compare', ...hull((program.tensors[operation.inputs[0]] as ProgramTensor).bounds) };
    case 'softmax': {
      const { bounds, node } = program.tensors[operation.inputs[0]] as ProgramTensor;
      return { kind: 'compare', ...chooseSoftmax(operation, bounds, node) };
    }
    case 'fit':
    case 'bilinear':
    case 'compare':
    case 'select':
    case 'divide':
    case 'bits':
      return chooseInteger(operation, operation.inputs.map((id) => (program.tensors[id] as ProgramTensor).bounds));
  }
}

/** The elements of each channel of a tensor. */
function channelElements(length: number, inner: number, count: number): number[][] {
  const channels: number[][] = Array.from({ length: count }, () => []);
  for (let i = 0; i < length; i++) channels[Math.floor(i / inner) % count]?.push(i);
  return channels;
}
