import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertEqualsRuntime } from '../../test/support/compareWithRuntime.js';
import { seeded } from '../../test/support/seeded.js';
import { bindShapes } from '../onnx/bindShapes.js';
import { encodeModel } from '../onnx/encode.js';
import type { ElementType, Graph } from '../onnx/graph.js';
import { inferTypes } from '../onnx/inferShapes.js';
import { COORDINATE_MODES, NEAREST_MODES } from '../onnx/fold/resize.js';
import { GraphBuilder, integers, tensor, type AttributeValue } from '../onnx/testing/graphBuilder.js';
import { throwsCode } from '../onnx/testing/throws.js';
import { evaluateProgram } from '../program/evaluate.js';
import { run, withSession } from '../runtime/session.js';
import { lowerGraph } from './lower.js';

type Attributes = Readonly<Record<string, AttributeValue>>;

interface MoveCase {
  readonly name: string;
  readonly shape: readonly number[];
  readonly apply: (builder: GraphBuilder) => GraphBuilder;
  readonly types?: readonly ElementType[];
  readonly opset?: number;
}

/** A node that reads x and int64 constants, and yields y. */
function move(name: string, opType: string, shape: readonly number[], constants: readonly (readonly number[])[], attributes: Attributes = {}, rest: Partial<MoveCase> = {}): MoveCase {
  return {
    name, shape,
    apply: (builder) => {
      constants.forEach((values, index) => builder.constant(`c${index}`, 'int64', [values.length], values));
      return builder.node(opType, ['x', ...constants.map((_, index) => `c${index}`)], 'y', attributes);
    },
    ...rest,
  };
}

const EIGHT_BIT: readonly ElementType[] = ['uint8', 'int8'];
const FOUR_TYPES: readonly ElementType[] = ['uint8', 'int8', 'bool', 'int64'];

const CASES: readonly MoveCase[] = [
  move('Identity', 'Identity', [2, 3], []),
  move('Reshape', 'Reshape', [2, 6], [[0, -1, 3]]),
  move('Reshape with allowzero', 'Reshape', [2, 6], [[3, 4]], { allowzero: 1 }, { opset: 14 }),
  move('Flatten', 'Flatten', [2, 3, 2], [], { axis: -1 }),
  move('Squeeze', 'Squeeze', [1, 3, 1], [[-1]]),
  move('Unsqueeze', 'Unsqueeze', [2, 3], [[0, -1]]),
  move('Transpose', 'Transpose', [2, 3, 4], [], { perm: [1, 2, 0] }),
  move('Slice', 'Slice', [5, 6], [[4, 1], [-99, 5], [0, 1], [-2, 3]]),
  move('Pad', 'Pad', [2, 3], [[1, 0, 2, 1]]),
  move('Pad cuts off', 'Pad', [4, 5], [[1, -1, -2, 2]]),
  ...(['reflect', 'edge', 'wrap'] as const).map((mode) => move(`Pad, ${mode}`, 'Pad', [4, 5], [[2, 1, 3, 4]], { mode }, { opset: 19 })),
  ...(['reflect', 'edge', 'wrap'] as const).map((mode) => move(`Pad cuts off, ${mode}`, 'Pad', [4, 5], [[-1, 2, 1, -2]], { mode }, { opset: 19 })),
  {
    name: 'Pad of some axes with a value', shape: [2, 3, 2], opset: 18,
    apply: (b) => b.constant('p', 'int64', [2], [1, 2]).constant('v', 'uint8', [], [7]).constant('a', 'int64', [1], [-2]).node('Pad', ['x', 'p', 'v', 'a'], 'y'),
    types: ['uint8'],
  },
  move('Expand', 'Expand', [3, 1], [[2, 1, 4]]),
  move('Expand to fewer dimensions', 'Expand', [2, 3, 4], [[3, 1]]),
  move('Tile', 'Tile', [2, 3], [[2, 3]]),
  move('DepthToSpace', 'DepthToSpace', [1, 12, 2, 3], [], { blocksize: 2 }, { types: EIGHT_BIT }),
  move('DepthToSpace, CRD', 'DepthToSpace', [1, 12, 2, 3], [], { blocksize: 2, mode: 'CRD' }, { types: EIGHT_BIT }),
  move('SpaceToDepth', 'SpaceToDepth', [2, 2, 4, 6], [], { blocksize: 2 }, { types: EIGHT_BIT }),
  move('CenterCropPad', 'CenterCropPad', [5, 4, 3], [[2, 7]], { axes: [0, 1] }, { opset: 18, types: EIGHT_BIT }),
  ...[0, 1].flatMap((upper) => [-1, 0, 2].map((k): MoveCase => ({
    name: `Trilu, upper ${upper}, k ${k}`, shape: [2, 3, 4], opset: 14, types: ['int32', 'int64', 'bool'],
    apply: (b) => b.constant('k', 'int64', [], [k]).node('Trilu', ['x', 'k'], 'y', { upper }),
  }))),
  move('ReverseSequence', 'ReverseSequence', [4, 3, 2], [[4, 1, 3]], { batch_axis: 1, time_axis: 0 }),
  move('Gather', 'Gather', [3, 4], [[2, -1, 0]], { axis: 1 }),
  {
    name: 'GatherElements', shape: [3, 3],
    apply: (b) => b.constant('i', 'int64', [2, 3], [1, 2, 0, -1, 0, 0]).node('GatherElements', ['x', 'i'], 'y', { axis: 0 }),
  },
  {
    name: 'GatherND with a batch', shape: [2, 3, 2],
    apply: (b) => b.constant('i', 'int64', [2, 2, 1], [1, -1, 0, 2]).node('GatherND', ['x', 'i'], 'y', { batch_dims: 1 }),
  },
  {
    name: 'ScatterElements', shape: [3, 3], types: ['int8'],
    apply: (b) => b.constant('i', 'int64', [2, 2], [1, 0, -1, 1]).constant('u', 'int8', [2, 2], [11, -12, 13, 14]).node('ScatterElements', ['x', 'i', 'u'], 'y', { axis: 1 }),
  },
  {
    name: 'ScatterND of computed updates', shape: [4, 3],
    apply: (b) => b.constant('i', 'int64', [2, 1], [3, 1]).constant('s', 'int64', [1], [0]).constant('e', 'int64', [1], [2]).node('Slice', ['x', 's', 'e'], 'u').node('ScatterND', ['x', 'i', 'u'], 'y'),
  },
  {
    name: 'Compress', shape: [3, 4],
    apply: (b) => b.constant('c', 'bool', [3], [0, 1, 1]).node('Compress', ['x', 'c'], 'y', { axis: 1 }),
  },
  {
    name: 'Compress of the flat tensor', shape: [3, 4],
    apply: (b) => b.constant('c', 'bool', [5], [0, 1, 1, 0, 1]).node('Compress', ['x', 'c'], 'y'),
  },
  {
    name: 'OneHot of computed values', shape: [2], types: ['int64'],
    apply: (b) => b.constant('i', 'int64', [3], [0, -1, 7]).constant('d', 'int64', [], [4]).node('OneHot', ['i', 'd', 'x'], 'y', { axis: 0 }),
  },
  {
    name: 'Concat of the same tensor and a constant', shape: [2, 2],
    apply: (b) => b.constant('o', 'int64', [2], [2, 1]).node('Tile', ['x', 'o'], 't').node('Concat', ['x', 't', 'x'], 'y', { axis: 0 }),
  },
];

/** Declared outputs are replaced by what inference finds. */
function settled(graph: Graph): Graph {
  return { ...graph, outputs: inferTypes(bindShapes(graph)).outputs };
}

describe('data movement equals ONNX Runtime', () => {
  const random = seeded(3);
  for (const { name, shape, apply, types = FOUR_TYPES, opset = 13 } of CASES) {
    it(name, async () => {
      for (const type of types) {
        const graph = settled(apply(new GraphBuilder().input('x', type, shape)).output('y', type, []).build(opset));
        await assertEqualsRuntime({ graph, random, runs: 2 });
      }
    });
  }

  it('Split into equal, unequal and declared parts, of old and new opsets', async () => {
    const splits: readonly [opset: number, attributes: Attributes, sizes: readonly number[] | undefined, count: number][] = [
      [11, { axis: 1 }, undefined, 3], [11, { axis: 1, split: [1, 5] }, undefined, 2], [13, { axis: -1 }, [4, 2], 2], [18, { axis: 1, num_outputs: 4 }, undefined, 4],
    ];
    for (const [opset, attributes, sizes, count] of splits) {
      const builder = new GraphBuilder().input('x', 'uint8', [2, opset === 18 ? 7 : 6]);
      if (sizes !== undefined) builder.constant('s', 'int64', [sizes.length], sizes);
      const names = Array.from({ length: count }, (_, index) => `y${index}`);
      builder.node('Split', sizes === undefined ? ['x'] : ['x', 's'], names, attributes);
      for (const name of names) builder.output(name, 'uint8', []);
      await assertEqualsRuntime({ graph: settled(builder.build(opset)), random, runs: 1 });
    }
  });

  it('Dropout passes through, and its mask is constant', async () => {
    const graph = settled(new GraphBuilder().input('x', 'uint8', [2, 3]).dequantize('x', 'd', { type: 'uint8', scale: 0.5, zeroPoint: 3 })
      .node('Dropout', ['d'], ['e', 'mask']).quantize('e', 'y', { type: 'uint8', scale: 0.5, zeroPoint: 3 }).output('y', 'uint8', []).build(13));
    assert.equal(await assertEqualsRuntime({ graph, random, runs: 1 }) > 0, true);
  });

  it('refuses places that are computed from the data; additions may meet in one place', async () => {
    const lower = (graph: Graph) => lowerGraph(inferTypes(bindShapes(settled(graph))));
    const computed = new GraphBuilder().input('x', 'uint8', [4]).input('i', 'int64', [2]).node('ScatterElements', ['x', 'i', 'i2'], 'y').input('i2', 'uint8', [2]).output('y', 'uint8', []).build(18);
    assert.match(throwsCode(() => lower(computed), 'OPERATOR_UNSUPPORTED').message, /computed from the data/);
    const adding = new GraphBuilder().input('x', 'int32', [4]).constant('i', 'int64', [2], [1, 1]).constant('u', 'int32', [2], [5, 7]).node('ScatterElements', ['x', 'i', 'u'], 'y', { reduction: 'add' }).output('y', 'int32', []).build(18);
    await assertEqualsRuntime({ graph: settled(adding), random, runs: 2 });
  });
});

describe('Resize, nearest, equals ONNX Runtime', () => {
  const random = seeded(5);
  /** Scales that give whole sizes and scales that do not, up and down. */
  const SCALES = [0.5, 0.8, 1, 1.1, 1.5, 2, 2.6, 3];
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

  async function check(graph: Graph): Promise<number> {
    const typed = inferTypes(bindShapes(graph));
    const program = lowerGraph(typed);
    const [{ shape }] = typed.inputs as unknown as [{ shape: readonly number[] }];
    const values = integers({ count: shape.reduce((product, size) => product * size, 1), lo: 0, hi: 255, seed: 9 });
    const [output] = program.outputs as [number];
    const found = evaluateProgram(program, [Float64Array.from(values)])[output] as Float64Array;
    const expected = (await withSession({ bytes: encodeModel(typed) }, (session) => run(session, new Map([['x', tensor('uint8', shape, values)]])))).get('y');
    assert.deepEqual(typed.outputs[0]?.shape, expected?.shape);
    assert.deepEqual(Array.from(found), Array.from(expected?.data as Uint8Array));
    return found.length;
  }

  for (const coordinates of COORDINATE_MODES) {
    it(coordinates, async () => {
      let elements = 0;
      for (let round = 0; round < 24; round++) {
        const size = () => 1 + Math.floor(random() * 9);
        const shape = [1, 1 + Math.floor(random() * 2), size() + 1, size() + 1];
        const attributes: Record<string, AttributeValue> = { coordinate_transformation_mode: coordinates, nearest_mode: NEAREST_MODES[round % 4] as string };
        const builder = new GraphBuilder().input('x', 'uint8', shape);
        const roi = coordinates === 'tf_crop_and_resize' || coordinates === 'tf_half_pixel_for_nn' ? 'roi' : '';
        if (roi !== '') builder.constant(roi, 'float32', [8], [0, 0, random() * 0.4 - 0.1, random() * 0.4 - 0.1, 1, 1, 0.6 + random() * 0.6, 0.6 + random() * 0.6]);
        // Opset 11 has no way to leave the scales out.
        if (round % 2 === 0 || coordinates === 'tf_half_pixel_for_nn') builder.constant('s', 'float32', [4], [1, 1, pick(SCALES), pick(SCALES)]).node('Resize', ['x', roi, 's'], 'y', attributes);
        else builder.constant('s', 'int64', [4], [1, shape[1] as number, size(), size()]).node('Resize', ['x', roi, '', 's'], 'y', attributes);
        const opset = coordinates === 'tf_half_pixel_for_nn' ? 11 : coordinates === 'half_pixel_symmetric' ? 19 : 13;
        elements += await check(settled(builder.output('y', 'uint8', []).build(opset)));
      }
      assert.ok(elements > 500, `${elements} elements`);
    });
  }

  it('of some axes, and keeping the aspect ratio', async () => {
    for (const policy of ['not_larger', 'not_smaller', 'stretch']) {
      const builder = new GraphBuilder().input('x', 'uint8', [1, 2, 5, 7]).constant('s', 'int64', [2], [8, 9])
        .node('Resize', ['x', '', '', 's'], 'y', { keep_aspect_ratio_policy: policy, axes: [2, 3] });
      await check(settled(builder.output('y', 'uint8', []).build(18)));
    }
    const graph = new GraphBuilder().input('x', 'uint8', [2, 3, 4]).constant('s', 'float32', [1], [1.75]).node('Resize', ['x', '', 's'], 'y', { axes: [1] });
    await check(settled(graph.output('y', 'uint8', []).build(18)));
  });
});
