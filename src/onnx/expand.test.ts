import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertEqualsRuntime } from '../../test/support/compareWithRuntime.js';
import { seeded } from '../../test/support/seeded.js';
import { run, withSession } from '../runtime/session.js';
import { decodeModel } from './decode.js';
import type { Attribute, Graph } from './graph.js';
import { inferTypes } from './inferShapes.js';
import { encodeModelProto, toLong, type ProtoFunction, type ProtoGraph, type ProtoNode } from './proto.js';
import { GraphBuilder, integers, tensor } from './testing/graphBuilder.js';
import { throwsCode } from './testing/throws.js';

/** A branch that reads x of the graph around it. */
function branch(build: (builder: GraphBuilder) => GraphBuilder): Attribute {
  return { kind: 'graph', value: build(new GraphBuilder()).build() };
}

function conditional(constant: boolean, value: number): Graph {
  const graph = new GraphBuilder().input('x', 'int32', [2, 3]).constant('shift', 'int32', [], [5]).node('Add', ['x', 'shift'], 'shifted').node('If', ['c'], ['y', 'z']);
  if (constant) graph.constant('c', 'bool', [], [value]);
  else graph.input('c', 'bool', []);
  const built = graph.output('y', 'int32', [3, 2]).output('z', 'int32', [2, 3]).build();
  const attributes = new Map<string, Attribute>([
    // Both branches name their own tensor t, and use the outer shifted; one output is the outer tensor itself.
    ['then_branch', branch((b) => b.node('Transpose', ['shifted'], 't').node('Identity', ['t'], 'o').output('o', 'int32', [3, 2]).output('shifted', 'int32', [2, 3]))],
    ['else_branch', branch((b) => b.constant('s', 'int64', [2], [3, 2]).node('Reshape', ['x', 's'], 't').node('Add', ['shifted', 'shift'], 'u').output('t', 'int32', [3, 2]).output('u', 'int32', [2, 3]))],
  ]);
  return { ...built, nodes: built.nodes.map((node) => (node.opType === 'If' ? { ...node, attributes } : node)) };
}

describe('If', () => {
  it('with a constant condition is its branch', async () => {
    for (const value of [0, 1]) {
      const graph = conditional(true, value);
      assert.ok(inferTypes(graph).nodes.every(({ opType }) => opType !== 'If'));
      // ONNX Runtime refuses a branch whose output is a tensor of the outer graph; our graph has it written out.
      if (value === 0) await assertEqualsRuntime({ graph: { ...graph, nodes: graph.nodes.map((node) => (node.opType === 'If' ? { ...node, attributes: new Map([...node.attributes].map(([name]) => [name, node.attributes.get('else_branch') as Attribute])) } : node)) }, random: seeded(1), runs: 2 });
    }
    const [transposed, same] = inferTypes(conditional(true, 1)).nodes.filter(({ outputs }) => ['y', 'z'].includes(outputs[0] as string));
    assert.deepEqual([transposed?.opType, same?.opType, same?.inputs], ['Identity', 'Identity', ['shifted']]);
  });

  it('with a computed condition is a choice between both branches', async () => {
    const branches = (build: (b: GraphBuilder) => GraphBuilder, other: (b: GraphBuilder) => GraphBuilder): Graph => {
      const graph = new GraphBuilder().input('x', 'int32', [2, 3]).input('c', 'bool', []).constant('shift', 'int32', [], [5]).node('Add', ['x', 'shift'], 'shifted').node('If', ['c'], ['y', 'z'])
        .output('y', 'int32', [2, 3]).output('z', 'int32', [2, 3]).build();
      const attributes = new Map<string, Attribute>([['then_branch', branch(build)], ['else_branch', branch(other)]]);
      return { ...graph, nodes: graph.nodes.map((node) => (node.opType === 'If' ? { ...node, attributes } : node)) };
    };
    const sum = (b: GraphBuilder): GraphBuilder => b.node('Add', ['shifted', 'x'], 't').node('Neg', ['t'], 'u').output('t', 'int32', [2, 3]).output('u', 'int32', [2, 3]);
    const product = (b: GraphBuilder): GraphBuilder => b.node('Mul', ['shifted', 'x'], 't').node('Abs', ['x'], 'u').output('u', 'int32', [2, 3]).output('t', 'int32', [2, 3]);
    await assertEqualsRuntime({ graph: branches(sum, product), random: seeded(3), runs: 6 });
    const transposed = (b: GraphBuilder): GraphBuilder => b.node('Transpose', ['x'], 't').node('Abs', ['x'], 'u').output('t', 'int32', [3, 2]).output('u', 'int32', [2, 3]);
    throwsCode(() => inferTypes(branches(sum, transposed)), 'SHAPE_UNSUPPORTED');
  });
});

/** Nodes with a body, or other graphs, as attributes. */
function withBody(graph: Graph, body: Graph): Graph {
  return { ...graph, nodes: graph.nodes.map((node) => (node.opType === 'Loop' || node.opType === 'Scan' ? { ...node, attributes: new Map<string, Attribute>([...node.attributes, ['body', { kind: 'graph', value: body }]]) } : node)) };
}

describe('Loop', () => {
  const loop = (trips: number, condition?: (b: GraphBuilder) => GraphBuilder): Graph => {
    const body = (condition ?? ((b: GraphBuilder) => b.node('Identity', ['go'], 'next')))(new GraphBuilder().input('i', 'int64', []).input('go', 'bool', []).input('s', 'int32', [2])
      .node('Cast', ['i'], 'n', { to: 6 }).node('Mul', ['s', 'x'], 'p').node('Add', ['p', 'n'], 'sum').node('Sub', ['sum', 'x'], 'seen'))
      .output('next', 'bool', []).output('sum', 'int32', [2]).output('seen', 'int32', [2]).build();
    const graph = new GraphBuilder().input('x', 'int32', [2]).constant('trips', 'int64', [], [trips]).constant('true', 'bool', [], [1])
      .node('Loop', ['trips', 'true', 'x'], ['y', 'all']).output('y', 'int32', [2]).output('all', 'int32', [null as never, 2]).build();
    return withBody(graph, body);
  };

  it('of a constant number of rounds is written out', async () => {
    for (const trips of [1, 3]) await assertEqualsRuntime({ graph: loop(trips), random: seeded(5), runs: 2 });
    assert.deepEqual(inferTypes(loop(4)).outputs.map(({ shape }) => shape), [[2], [4, 2]]);
  });

  it('ends where its condition does, computed from constants', async () => {
    const graph = loop(10, (b) => b.constant('limit', 'int64', [], [2]).node('Less', ['i', 'limit'], 'next'));
    assert.deepEqual(inferTypes(graph).outputs[1]?.shape, [3, 2]);
    await assertEqualsRuntime({ graph, random: seeded(6), runs: 2 });
  });

  it('of a length that depends on the data, or is too large, is refused', () => {
    const data = loop(10, (b) => b.constant('zero', 'int64', [], [0]).node('ReduceMax', ['sum'], 'most', { keepdims: 0 }).constant('limit', 'int32', [], [9]).node('Less', ['most', 'limit'], 'next'));
    assert.match(throwsCode(() => inferTypes(data), 'OPERATOR_UNSUPPORTED').message, /condition of a Loop/);
    throwsCode(() => inferTypes(loop(5000)), 'OPERATOR_UNSUPPORTED');
    assert.match(throwsCode(() => inferTypes(loop(0)), 'OPERATOR_UNSUPPORTED').message, /without a round/);
  });
});

describe('Scan', () => {
  it('is written out along the axes and in the directions that it names', async () => {
    const body = new GraphBuilder().input('s', 'int32', [2]).input('a', 'int32', [2]).input('b', 'int32', [2])
      .node('Mul', ['a', 'b'], 'p').node('Add', ['s', 'p'], 'next').node('Sub', ['next', 'x'], 'seen').output('next', 'int32', [2]).output('seen', 'int32', [2]).build();
    for (const [axes, directions, outputAxis, outputDirection] of [[[0, 0], [0, 0], 0, 0], [[1, 0], [1, 0], 1, 1], [[-1, 0], [0, 1], -1, 0]] as const) {
      const graph = new GraphBuilder().input('x', 'int32', [2]).input('u', 'int32', axes[0] === 0 ? [3, 2] : [2, 3]).input('v', 'int32', [3, 2])
        .node('Scan', ['x', 'u', 'v'], ['y', 'all'], { num_scan_inputs: 2, scan_input_axes: axes, scan_input_directions: directions, scan_output_axes: [outputAxis], scan_output_directions: [outputDirection] })
        .output('y', 'int32', [2]).output('all', 'int32', outputAxis === 0 ? [3, 2] : [2, 3]).build();
      await assertEqualsRuntime({ graph: withBody(graph, body), random: seeded(7), runs: 2 });
    }
  });
});

describe('functions of the model file', () => {
  const opsetImport = [{ domain: '', version: toLong(18n) }, { domain: 'own', version: toLong(1n) }];
  const value = (name: string, shape: readonly number[]) => ({ name, type: { tensorType: { elemType: 6, shape: { dim: shape.map((size) => ({ dimValue: toLong(BigInt(size)) })) } } } });
  const node = (opType: string, input: string[], output: string[], rest: Partial<ProtoNode> = {}): ProtoNode => ({ opType, input, output, ...rest });
  const perm = { name: 'perm', type: 7, refAttrName: 'order' };

  /** twice(a) = a + a, and turn(a, b; order) = Transpose(twice(a) − b), which calls it. */
  const functions: readonly ProtoFunction[] = [
    { name: 'twice', domain: 'own', input: ['a'], output: ['o'], node: [node('Add', ['a', 'a'], ['o'])], opsetImport },
    {
      name: 'turn', domain: 'own', input: ['a', 'b'], output: ['o', 'u'], attribute: ['order'], opsetImport,
      node: [node('twice', ['a'], ['t'], { domain: 'own' }), node('Sub', ['t', 'b'], ['u']), node('Transpose', ['u'], ['o'], { attribute: [perm] })],
    },
  ];

  const graph = (attribute: ProtoNode['attribute'] = [{ name: 'order', type: 7, ints: [toLong(1n), toLong(0n)] }]): ProtoGraph => ({
    name: 'g', input: [value('x', [2, 3]), value('t', [2, 3])], output: [value('y', [3, 2]), value('z', [2, 3]), value('w', [3, 2])],
    node: [
      node('turn', ['x', 't'], ['y', 'z'], { domain: 'own', attribute }),
      node('turn', ['z', 'z'], ['w', 'v'], { domain: 'own' }),
    ],
  });
  const encode = (g: ProtoGraph, list: readonly ProtoFunction[] = functions): Uint8Array => encodeModelProto({ irVersion: 8, opsetImport, graph: g, functions: [...list] } as never);

  it('are inlined where they are called, within each other, with their attributes', async () => {
    const bytes = encode(graph());
    const decoded = decodeModel({ bytes });
    assert.deepEqual(decoded.nodes.map(({ opType }) => opType).sort(), ['Add', 'Add', 'Sub', 'Sub', 'Transpose', 'Transpose']);
    const inputs = new Map(['x', 't'].map((name, index) => [name, tensor('int32', [2, 3], integers({ count: 6, lo: -99, hi: 99, seed: index }))]));
    const expected = await withSession({ bytes }, (session) => run(session, inputs));
    const { encodeModel } = await import('./encode.js');
    const found = await withSession({ bytes: encodeModel(inferTypes(decoded)) }, (session) => run(session, inputs));
    assert.deepEqual([...found], [...expected]);
  });

  it('may pass an input on', () => {
    const pass: ProtoFunction = { name: 'pass', domain: 'own', input: ['a'], output: ['a'], node: [], opsetImport };
    const decoded = decodeModel({ bytes: encode({ ...graph(), node: [node('pass', ['x'], ['y'], { domain: 'own' })], output: [value('y', [2, 3])] }, [pass]) });
    assert.deepEqual(decoded.nodes.map(({ opType, inputs, outputs }) => [opType, inputs, outputs]), [['Identity', ['x'], ['y']]]);
  });

  it('of another opset, calling themselves, or with defaults that are not read, are refused', () => {
    const [twice, turn] = functions as [ProtoFunction, ProtoFunction];
    const other = { ...twice, opsetImport: [{ domain: '', version: toLong(17n) }] };
    assert.match(throwsCode(() => decodeModel({ bytes: encode(graph(), [other, turn]) }), 'OPERATOR_UNSUPPORTED').message, /opset 17/);
    const circle = { ...twice, node: [node('twice', ['a'], ['o'], { domain: 'own' })] };
    throwsCode(() => decodeModel({ bytes: encode(graph(), [circle, turn]) }), 'MODEL_INVALID');
    const defaulted = { ...turn, attribute: [] };
    assert.match(throwsCode(() => decodeModel({ bytes: encode(graph([]), [twice, defaulted]) }), 'OPERATOR_UNSUPPORTED').message, /default/);
    throwsCode(() => decodeModel({ bytes: encode(graph(), [twice, turn, turn]) }), 'OPERATOR_UNSUPPORTED');
    // Each function calls the one before it twice: 2^30 nodes.
    const doubling = Array.from({ length: 30 }, (_, index): ProtoFunction => ({
      ...twice, name: `f${index}`, node: index === 0 ? twice.node ?? [] : [node(`f${index - 1}`, ['a'], ['m'], { domain: 'own' }), node(`f${index - 1}`, ['m'], ['o'], { domain: 'own' })],
    }));
    const call = { ...graph(), node: [node('f29', ['x'], ['y'], { domain: 'own' })], output: [value('y', [2, 3])] };
    throwsCode(() => decodeModel({ bytes: encode(call, doubling) }), 'MODEL_INVALID');
  });
});
