import { operands, type Program, type TensorId } from '../program/program.js';

/**
 * How a tensor is present in the circuit: each element a wire plus a constant (or a constant alone), or a linear combination that
 * is written into the row of its only consumer and has no wire of its own.
 */
export type Form = 'wires' | 'combination';

/**
 * The form of each tensor. A linear map stays a combination when each of its elements goes into one row only: it is requantized
 * once, brought into the range of its type, or packed into the public words. Anything else would repeat its terms, so it gets
 * wires (one row for each element).
 */
export function tensorForms(program: Program): Form[] {
  const consumers = consumersThroughViews(program);
  const forms: Form[] = [];
  program.operations.forEach((operation, id) => {
    if (operation.kind === 'linear') forms.push(mayStayCombination(program, consumers[id] ?? []) ? 'combination' : 'wires');
    else if (operation.kind === 'view') forms.push(operation.inputs.some((input) => forms[input] === 'combination') ? 'combination' : 'wires');
    else forms.push('wires');
  });
  return forms;
}

const OUTPUT = -1;

function mayStayCombination(program: Program, consumers: readonly TensorId[]): boolean {
  if (consumers.length !== 1) return false;
  const [consumer] = consumers;
  const kind = program.operations[consumer as TensorId]?.kind;
  return consumer === OUTPUT || kind === 'step' || kind === 'table' || kind === 'fit' || kind === 'bits';
}

/** For each tensor, the operations that read its elements, looking through views; OUTPUT where it is a result of the program. */
function consumersThroughViews(program: Program): TensorId[][] {
  const consumers: TensorId[][] = program.operations.map(() => []);
  for (const output of program.outputs) consumers[output]?.push(OUTPUT);
  for (let id = program.operations.length - 1; id >= 0; id--) {
    const operation = program.operations[id];
    if (operation === undefined) continue;
    const readers = operation.kind === 'view' ? (consumers[id] ?? []) : [id];
    for (const operand of operands(operation)) consumers[operand]?.push(...readers);
  }
  return consumers;
}
