import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isZkonnxError } from '../errors/index.js';
import { decodeModel } from './decode.js';
import { decodeTensor } from './decodeTensor.js';
import { encodeModel, encodeTensor } from './encode.js';
import type { Graph } from './graph.js';
import { inferTypes } from './inferShapes.js';
import { decodeModelProto, encodeModelProto, encodeTensorProto, toLong, type ProtoModel, type ProtoTensor } from './proto.js';
import { GraphBuilder, integers, tensor } from './testing/graphBuilder.js';
import { throwsCode } from './testing/throws.js';

const small = (): Graph => new GraphBuilder()
  .input('x', 'float32', ['batch', 3])
  .constant('w', 'float32', [3, 2], [1, 2, 3, 4, 5, 6])
  .node('MatMul', ['x', 'w'], 'h')
  .node('Relu', ['h'], 'y')
  .output('y', 'float32', ['batch', 2])
  .build();

/** The model after a change of its protobuf message. */
function edited(change: (model: ProtoModel & { graph: NonNullable<ProtoModel['graph']> }) => void): Uint8Array {
  const model = decodeModelProto(encodeModel(small()));
  change(model as ProtoModel & { graph: NonNullable<ProtoModel['graph']> });
  return encodeModelProto(model);
}

describe('decodeModel', () => {
  it('reads back what encodeModel writes', () => {
    const graph = small();
    assert.deepEqual(decodeModel({ bytes: encodeModel(graph) }), graph);
  });

  it('reads weights at any alignment', () => {
    const bytes = encodeModel(small());
    for (let offset = 0; offset < 8; offset++) {
      const shifted = new Uint8Array(bytes.length + 8).subarray(offset, offset + bytes.length);
      shifted.set(bytes);
      assert.deepEqual(decodeModel({ bytes: shifted }).initializers.get('w')?.data, Float32Array.of(1, 2, 3, 4, 5, 6));
    }
  });

  it('names unnamed nodes by operator and position, keeps names unique, folds ai.onnx into the default domain', () => {
    const bytes = edited(({ graph }) => {
      for (const node of graph.node ?? []) Object.assign(node, { name: '', domain: 'ai.onnx' });
    });
    assert.deepEqual(decodeModel({ bytes }).nodes.map(({ name, domain }) => [name, domain]), [['MatMul_0', ''], ['Relu_1', '']]);
    const same = edited(({ graph }) => { for (const node of graph.node ?? []) node.name = 'n'; });
    assert.deepEqual(decodeModel({ bytes: same }).nodes.map(({ name }) => name), ['n', 'n_2']);
  });

  it('puts nodes in topological order', () => {
    const bytes = edited(({ graph }) => graph.node?.reverse());
    assert.deepEqual(decodeModel({ bytes }).nodes.map(({ opType }) => opType), ['MatMul', 'Relu']);
  });

  it('takes an initializer that is also an input as an initializer', () => {
    const bytes = edited(({ graph }) => graph.input?.push({ name: 'w', type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 3 }, { dimValue: 2 }] } } } }));
    assert.deepEqual(decodeModel({ bytes }).inputs.map(({ name }) => name), ['x']);
  });

  it('makes Constant nodes initializers', () => {
    const bytes = edited(({ graph }) => {
      graph.initializer = [];
      graph.node?.unshift({ opType: 'Constant', output: ['w'], attribute: [{ name: 'value_floats', type: 6, floats: [1, 2, 3] }] });
    });
    const { initializers, nodes } = decodeModel({ bytes });
    assert.deepEqual(initializers.get('w'), { type: 'float32', shape: [3], data: Float32Array.of(1, 2, 3) });
    assert.deepEqual(nodes.map(({ opType }) => opType), ['MatMul', 'Relu']);
  });

  it('reads dimensions of 0 and below, and missing ones, as unknown', () => {
    const bytes = edited(({ graph }) => { graph.input = [{ name: 'x', type: { tensorType: { elemType: 1, shape: { dim: [{}, { dimValue: toLong(-1n) as never }] } } } }]; });
    assert.deepEqual(decodeModel({ bytes }).inputs[0]?.shape, ['?', '?']);
    const none = edited(({ graph }) => { graph.input = [{ name: 'x', type: { tensorType: { elemType: 1 } } }]; });
    assert.equal(decodeModel({ bytes: none }).inputs[0]?.unknownRank, true);
  });
});

describe('bad models', () => {
  const bytes = encodeModel(small());
  const decode = (model: Uint8Array) => () => decodeModel({ bytes: model });

  it('refuses an empty file', () => { throwsCode(decode(new Uint8Array(0)), 'MODEL_EMPTY'); });

  it('refuses the file truncated at any byte, or reads a graph from it', () => {
    let refused = 0;
    for (let length = 1; length < bytes.length; length++) {
      try {
        inferTypes(decodeModel({ bytes: bytes.subarray(0, length) }));
      } catch (error) {
        assert.ok(isZkonnxError(error) && error.kind === 'model', `${length}: ${String(error)}`);
        refused++;
      }
    }
    // What comes after the graph (the opset) is missed as well.
    assert.equal(refused, bytes.length - 1);
  });

  it('refuses random bytes and changed bytes with an error of its own, or reads a graph', () => {
    for (let seed = 0; seed < 400; seed++) {
      const random = Uint8Array.from(integers({ count: 200, lo: 0, hi: 255, seed }));
      assert.throws(decode(random), isZkonnxError);
      const changed = Uint8Array.from(bytes);
      for (const at of integers({ count: 3, lo: 0, hi: bytes.length - 1, seed })) changed[at] = (changed[at] as number) ^ (1 + (seed % 255));
      try {
        inferTypes(decodeModel({ bytes: changed }));
      } catch (error) {
        assert.ok(isZkonnxError(error), String(error));
      }
    }
  });

  it('refuses a text file and a Git LFS pointer', () => {
    for (const text of ['hello, world\n', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n', '{"a": 1}']) {
      throwsCode(decode(new TextEncoder().encode(text)), 'MODEL_MALFORMED');
    }
  });

  it('refuses sizes that the data does not have, before allocating anything', () => {
    for (const dims of [[2 ** 40, 2 ** 13], [2 ** 30], [7], [2 ** 52, 2 ** 52, 2 ** 52]]) {
      const error = throwsCode(decode(edited(({ graph }) => { Object.assign(graph.initializer?.[0] ?? {}, { dims: dims.map((dim) => toLong(BigInt(dim))) }); })), 'MODEL_INVALID');
      assert.match(error.message, /'w'/);
    }
    throwsCode(decode(edited(({ graph }) => { Object.assign(graph.initializer?.[0] ?? {}, { dims: [toLong(2n ** 60n)] }); })), 'MODEL_INVALID');
    throwsCode(decode(edited(({ graph }) => { Object.assign(graph.initializer?.[0] ?? {}, { dims: [toLong(-3n)] }); })), 'MODEL_INVALID');
    throwsCode(() => inferTypes(decodeModel({ bytes: edited(({ graph }) => { graph.input = [{ name: 'x', type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 2 ** 40 }, { dimValue: 3 }] } } } }]; }) })), 'MODEL_TOO_LARGE');
  });

  it('refuses a file whose messages would fill the memory', () => {
    // 3 million empty nodes in 6 MB.
    const count = 3_000_000;
    const bomb = new Uint8Array(6 + 2 * count);
    bomb.set([0x3a, ...varint(2 * count)]);
    const start = 1 + varint(2 * count).length;
    for (let index = 0; index < count; index++) bomb[start + 2 * index] = 0x0a;
    throwsCode(decode(bomb.subarray(0, start + 2 * count)), 'MODEL_TOO_LARGE');
  });

  it('refuses deeply nested messages without exhausting the stack', () => {
    // graph → node → attribute → graph …
    let message = new Uint8Array(0);
    for (let depth = 0; depth < 20_000; depth++) {
      const field = [0x3a, 0x0a, 0x2a, 0x32][depth % 4] as number;
      const next = new Uint8Array(message.length + 1 + varint(message.length).length);
      next.set([field, ...varint(message.length)]);
      next.set(message, 1 + varint(message.length).length);
      message = next;
      if (message.length > 40_000) break;
    }
    assert.throws(decode(message), (error) => isZkonnxError(error) && error.code === 'MODEL_MALFORMED');
  });

  it('names the node that reads a tensor which nothing produces', () => {
    const error = throwsCode(decode(edited(({ graph }) => { Object.assign(graph.node?.[1] ?? {}, { input: ['lost'] }); })), 'MODEL_INVALID');
    assert.equal(error.details.node, 'y_node');
    assert.match(error.message, /'lost'/);
    throwsCode(decode(edited(({ graph }) => { Object.assign(graph.output?.[0] ?? {}, { name: 'lost' }); })), 'MODEL_INVALID');
  });

  it('refuses two producers of one tensor, and the same initializer or output twice', () => {
    throwsCode(decode(edited(({ graph }) => { Object.assign(graph.node?.[1] ?? {}, { output: ['h'] }); })), 'MODEL_INVALID');
    throwsCode(decode(edited(({ graph }) => { graph.initializer?.push(graph.initializer[0] as ProtoTensor); })), 'MODEL_INVALID');
    throwsCode(decode(edited(({ graph }) => { graph.output?.push({ ...graph.output[0] }); })), 'MODEL_INVALID');
  });

  it('names the nodes of a cycle', () => {
    const error = throwsCode(decode(edited(({ graph }) => { Object.assign(graph.node?.[0] ?? {}, { input: ['y', 'w'] }); })), 'MODEL_CYCLE');
    assert.match(error.message, /h_node → y_node|y_node → h_node/);
    throwsCode(decode(edited(({ graph }) => { Object.assign(graph.node?.[0] ?? {}, { input: ['h', 'w'] }); })), 'MODEL_CYCLE');
  });

  it('names the supported opsets', () => {
    for (const opset of [1, 10, 27, 10 ** 9]) {
      const error = throwsCode(decode(encodeModel({ ...small(), opsets: new Map([['', opset]]) })), 'MODEL_OPSET_UNSUPPORTED');
      assert.match(error.message, /11 to 26/);
    }
    for (const opset of [11, 26]) decodeModel({ bytes: encodeModel({ ...small(), opsets: new Map([['', opset]]) }) });
    throwsCode(decode(edited((model) => { model.opsetImport = []; })), 'MODEL_INVALID');
  });

  it('refuses functions without a body, sparse weights, sequences and unknown types', () => {
    throwsCode(decode(edited((model) => { model.functions = [{ name: 'Relu', domain: '' }]; })), 'MODEL_INVALID');
    throwsCode(decode(edited(({ graph }) => { graph.sparseInitializer = [{ dims: [1] }]; })), 'TYPE_UNSUPPORTED');
    throwsCode(decode(edited(({ graph }) => { Object.assign(graph.input?.[0] ?? {}, { type: { sequenceType: {} } }); })), 'TYPE_UNSUPPORTED');
    throwsCode(decode(edited(({ graph }) => { Object.assign(graph.initializer?.[0] ?? {}, { dataType: 99 }); })), 'TYPE_UNSUPPORTED');
  });

  it('refuses external data when there is no folder', () => {
    throwsCode(decode(edited(({ graph }) => { Object.assign(graph.initializer?.[0] ?? {}, { dataLocation: 1, externalData: [{ key: 'location', value: 'w.bin' }] }); })), 'MODEL_EXTERNAL_DATA');
  });
});

describe('decodeTensor', () => {
  const read = (proto: object) => decodeTensor({ bytes: encodeTensorProto(proto as ProtoTensor) });

  it('reads every typed field like the raw data', () => {
    const cases: readonly [type: string, number: number, field: object, values: readonly (number | bigint)[]][] = [
      ['float32', 1, { floatData: [1.5, -2] }, [1.5, -2]],
      ['uint8', 2, { int32Data: [0, 255] }, [0, 255]],
      ['int8', 3, { int32Data: [-128, 127] }, [-128, 127]],
      ['uint16', 4, { int32Data: [0, 65_535] }, [0, 65_535]],
      ['int16', 5, { int32Data: [-32_768, 1] }, [-32_768, 1]],
      ['int32', 6, { int32Data: [-(2 ** 31), 2 ** 31 - 1] }, [-(2 ** 31), 2 ** 31 - 1]],
      ['int64', 7, { int64Data: [toLong(-(2n ** 63n)), toLong(2n ** 62n + 1n)] }, [-(2n ** 63n), 2n ** 62n + 1n]],
      ['bool', 9, { int32Data: [0, 1] }, [0, 1]],
      ['float16', 10, { int32Data: [0x3c00, 0xbc00] }, [0x3c00, 0xbc00]],
      ['float64', 11, { doubleData: [Math.PI, -0] }, [Math.PI, -0]],
      ['uint32', 12, { uint64Data: [toLong(2n ** 32n - 1n, true), toLong(1n, true)] }, [2 ** 32 - 1, 1]],
      ['uint64', 13, { uint64Data: [toLong(2n ** 64n - 1n, true), toLong(1n, true)] }, [2n ** 64n - 1n, 1n]],
    ];
    for (const [type, dataType, field, values] of cases) {
      const typed = read({ dims: [2], dataType, ...field });
      assert.equal(typed.type, type);
      assert.deepEqual([...typed.data], values);
      assert.deepEqual(decodeTensor({ bytes: encodeTensor(typed) }), typed);
    }
  });

  it('unpacks 4-bit and 2-bit elements, lowest bits first', () => {
    assert.deepEqual([...read({ dims: [3], dataType: 22, rawData: Uint8Array.of(0x8f, 0x07) }).data], [-1, -8, 7]);
    assert.deepEqual([...read({ dims: [3], dataType: 21, rawData: Uint8Array.of(0x8f, 0x07) }).data], [15, 8, 7]);
    assert.deepEqual([...read({ dims: [5], dataType: 26, rawData: Uint8Array.of(0b11_10_01_00, 0b01) }).data], [0, 1, -2, -1, 1]);
  });

  it('refuses values outside the type, wrong counts and files that are no tensors', () => {
    throwsCode(() => read({ dims: [1], dataType: 2, int32Data: [256] }), 'INPUT_MALFORMED');
    throwsCode(() => read({ dims: [1], dataType: 3, int32Data: [-129] }), 'INPUT_MALFORMED');
    throwsCode(() => read({ dims: [3], dataType: 6, int32Data: [1, 2] }), 'INPUT_MALFORMED');
    throwsCode(() => read({ dims: [2], dataType: 1, rawData: new Uint8Array(7) }), 'INPUT_MALFORMED');
    throwsCode(() => decodeTensor({ bytes: new TextEncoder().encode('not a tensor') }), 'INPUT_MALFORMED');
    throwsCode(() => decodeTensor({ bytes: new Uint8Array(0) }), 'INPUT_MALFORMED');
  });

  it('keeps the shape of a scalar', () => {
    assert.deepEqual(decodeTensor({ bytes: encodeTensor(tensor('float32', [], [3])) }), tensor('float32', [], [3]));
  });
});

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}
