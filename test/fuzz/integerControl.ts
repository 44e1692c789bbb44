/** Operators with graphs inside: If with a computed condition, Loop with a constant number of rounds, Scan. */
import { dataTypeNumber } from '../../src/onnx/elementType.js';
import { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import { TYPE_RANGE, type RangedType } from '../../src/program/program.js';
import { chooseValue, hullOf, type IntegerMaker, type IntegerValue } from './integerStep.js';
import { count, int64 } from './step.js';

/** Types of which every result wraps around into its range. */
const WRAPPING: readonly RangedType[] = ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32'];
const STEPS = ['Add', 'Sub', 'BitwiseXor', 'BitwiseAnd', 'Mul'] as const;

const small = ({ shape }: IntegerValue): boolean => count(shape) <= 40;

const ifComputed: IntegerMaker = (context) => {
  const { random } = context;
  const x = chooseValue(context, WRAPPING, small);
  if (x === undefined) return undefined;
  const y = random.pick(context.pool.filter(({ type, shape }) => type === x.type && shape.join() === x.shape.join()));
  const chosen = chooseValue(context, ['bool', 'int32', 'int64', 'uint8'], small);
  if (chosen === undefined) return undefined;
  const element = random.int(0, count(chosen.shape) - 1);
  const opType = random.pick(STEPS);
  return {
    label: 'integer If',
    results: [{ type: x.type, shape: x.shape, ...hullOf([TYPE_RANGE[x.type], y]) }],
    emit: (builder, [output]) => {
      const name = output as string;
      // One element decides.
      builder.constant(`${name}_element`, 'int64', [], [element]).node('Reshape', [chosen.name, int64(builder, `${name}_flat`, [-1])], `${name}_line`);
      builder.node('Gather', [`${name}_line`, `${name}_element`], `${name}_number`).node('Cast', [`${name}_number`], `${name}_condition`, { to: dataTypeNumber('bool') });
      const then = new GraphBuilder().node(opType, [x.name, y.name], `${name}_then`).output(`${name}_then`, x.type, x.shape).build();
      const otherwise = new GraphBuilder().node('Identity', [y.name], `${name}_else`).output(`${name}_else`, x.type, x.shape).build();
      builder.node('If', [`${name}_condition`], name, { then_branch: { graph: then }, else_branch: { graph: otherwise } });
    },
  };
};

/** A carried value that takes another one in, round after round, and what it was in each round. */
const loop: IntegerMaker = (context) => {
  const { random } = context;
  const x = chooseValue(context, WRAPPING, small);
  if (x === undefined) return undefined;
  const y = random.pick(context.pool.filter(({ type, shape }) => type === x.type && shape.join() === x.shape.join()));
  const rounds = random.int(1, 4);
  const opType = random.pick(STEPS);
  const whole = TYPE_RANGE[x.type];
  return {
    label: 'integer Loop',
    results: [{ type: x.type, shape: x.shape, ...whole }, { type: x.type, shape: [rounds, ...x.shape], ...whole }],
    emit: (builder, outputs) => {
      const [name] = outputs as [string];
      const body = new GraphBuilder()
        .input(`${name}_round`, 'int64', []).input(`${name}_goes`, 'bool', []).input(`${name}_carried`, x.type, x.shape)
        .node('Cast', [`${name}_round`], `${name}_number`, { to: dataTypeNumber(x.type) })
        .node(opType, [`${name}_carried`, y.name], `${name}_taken`)
        .node('Add', [`${name}_taken`, `${name}_number`], `${name}_next`)
        .node('Identity', [`${name}_goes`], `${name}_on`).node('Identity', [`${name}_next`], `${name}_kept`)
        .output(`${name}_on`, 'bool', []).output(`${name}_next`, x.type, x.shape).output(`${name}_kept`, x.type, x.shape).build();
      builder.constant(`${name}_rounds`, 'int64', [], [rounds]).constant(`${name}_true`, 'bool', [], [1]);
      builder.node('Loop', [`${name}_rounds`, `${name}_true`, x.name], outputs, { body: { graph: body } });
    },
  };
};

/** A running value over the first axis, forwards or backwards. */
const scan: IntegerMaker = (context) => {
  const { random } = context;
  const x = chooseValue(context, WRAPPING, (value) => small(value) && value.shape.length >= 2 && (value.shape[0] as number) <= 6);
  if (x === undefined) return undefined;
  const rest = x.shape.slice(1);
  const start = random.ints(count(rest), 0, 9);
  const opType = random.pick(STEPS);
  const backwards = random.int(0, 1);
  const whole = TYPE_RANGE[x.type];
  return {
    label: 'integer Scan',
    results: [{ type: x.type, shape: rest, ...whole }, { type: x.type, shape: x.shape, ...whole }],
    emit: (builder, outputs) => {
      const [name] = outputs as [string];
      const body = new GraphBuilder()
        .input(`${name}_state`, x.type, rest).input(`${name}_slice`, x.type, rest)
        .node(opType, [`${name}_state`, `${name}_slice`], `${name}_next`).node('Identity', [`${name}_next`], `${name}_kept`)
        .output(`${name}_next`, x.type, rest).output(`${name}_kept`, x.type, rest).build();
      builder.constant(`${name}_start`, x.type, rest, start);
      builder.node('Scan', [`${name}_start`, x.name], outputs, { body: { graph: body }, num_scan_inputs: 1, scan_input_directions: [backwards] });
    },
  };
};

export const INTEGER_CONTROL: Readonly<Record<string, IntegerMaker>> = { ifComputed, loop, scan };
