import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertEqualsRuntime, seeded } from '../../test/support/compareWithRuntime.js';
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

  it('with a computed condition is refused', () => {
    assert.match(throwsCode(() => inferTypes(conditional(false, 0)), 'OPERATOR_UNSUPPORTED').message, /condition/);
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
