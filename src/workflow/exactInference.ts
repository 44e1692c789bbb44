/**
 * One inference, computed twice: by the witness generator and by ONNX Runtime, at the same time. Nothing goes on to the prover
 * unless every bit of every output is the same in both.
 */
import type { GeneratedWitness, Salts } from '../compile/index.js';
import { ZkonnxError } from '../errors/index.js';
import type { Tensor, TypedGraph } from '../onnx/graph.js';
import type { Integers } from '../program/interval.js';
import type { ArithmeticDifference } from '../runtime/arithmeticProbe.js';
import type { Difference } from '../runtime/compare.js';
import { firstDifferentElement } from '../runtime/firstDifferentElement.js';
import type { PublicLayout } from '../verify/publicLayout.js';
import { programIntegers, typedTensor } from './boundaryTensors.js';

/** The two computations. They are handed in, so that a test can put a faulty one in place of either. */
export interface InferenceEngines {
  /** Witness and values of the circuit. */
  generate(request: { readonly inputs: readonly Integers[]; readonly context: bigint; readonly salts?: Salts | undefined }): Promise<GeneratedWitness>;
  /** Outputs of the canonical graph in ONNX Runtime. */
  native(inputs: ReadonlyMap<string, Tensor>): Promise<ReadonlyMap<string, Tensor>>;
  /** All tensors of the canonical graph in ONNX Runtime. */
  nativeIntermediates(inputs: ReadonlyMap<string, Tensor>): Promise<ReadonlyMap<string, Tensor>>;
  /** Where the local arithmetic is known to differ; asked for only when something differs. */
  probe(): Promise<readonly ArithmeticDifference[]>;
  /** The canonical graph; asked for only when something differs. */
  graph(): Promise<TypedGraph>;
}

export interface ExactInferenceParameters {
  readonly engines: InferenceEngines;
  readonly layout: PublicLayout;
  /** Proven inputs by name. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly context: bigint;
  /** Of what is hashed. */
  readonly salts: Salts;
}

export interface ExactInference {
  readonly generated: GeneratedWitness;
  /** Proven outputs by name. */
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** Milliseconds. */
  readonly witnessMs: number;
  readonly nativeMs: number;
}

/** @throws ZkonnxError NATIVE_MISMATCH naming the first node that differs, NATIVE_FAILED, and what the engines throw */
export async function exactInference({ engines, layout, inputs, context, salts }: ExactInferenceParameters): Promise<ExactInference> {
  const integers = layout.inputs.map(({ name }) => programIntegers(inputs.get(name) as Tensor));
  const [generated, native] = await both(timed(engines.generate({ inputs: integers, context, salts })), timed(engines.native(inputs)));
  const outputs = new Map(
    layout.outputs.map(({ name, type, shape }) => {
      const values = generated.value.values.get(name);
      if (values === undefined) throw new ZkonnxError('INTERNAL', { message: `the witness has no values for the output "${name}"` });
      return [name, typedTensor({ type, shape }, values)];
    }),
  );
  for (const [name, tensor] of outputs) {
    const expected = native.value.get(name);
    const index = expected?.type === tensor.type ? firstDifferentElement(expected.data, tensor.data) : 0;
    if (index >= 0) throw await mismatch({ engines, inputs, values: generated.value.values, output: { name, index, expected, found: tensor } });
  }
  return { generated: generated.value, outputs, witnessMs: generated.ms, nativeMs: native.ms };
}

/** Both results. When one computation fails, the other is waited for, since its caller is about to release what it uses. */
async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}

async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now();
  const value = await work;
  return { value, ms: performance.now() - start };
}

interface Mismatch {
  readonly engines: InferenceEngines;
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly values: GeneratedWitness['values'];
  readonly output: { readonly name: string; readonly index: number; readonly expected: Tensor | undefined; readonly found: Tensor };
}

/** Runs the graph again with all tensors as outputs, and names the first node whose values differ. */
async function mismatch({ engines, inputs, values, output }: Mismatch): Promise<ZkonnxError> {
  const graph = await engines.graph();
  const found = new Map<string, Tensor>();
  for (const [name, integers] of values) {
    const type = graph.types.get(name);
    if (type !== undefined && type.shape.reduce((product, size) => product * size, 1) === integers.length) found.set(name, typedTensor(type, integers));
  }
  const [{ firstDifference }, { unportableNodes }] = await Promise.all([import('../runtime/compare.js'), import('./portability.js')]);
  const first = firstDifference({ nodes: graph.nodes, expected: await engines.nativeIntermediates(inputs), found });
  const known = await engines.probe();
  if (first === undefined) return outputDiffers(output, known[0]);
  return nodeDiffers(first, causeOf({ graph, suspects: new Set(unportableNodes(graph).map((each) => each.node)), node: first.node, found, known }));
}

/**
 * The known difference behind a node that differs: its own, or that of a node before it whose result the circuit does not have (a
 * maximum that was taken before the rescaling). Only nodes that processors may compute differently are looked at.
 */
function causeOf({ graph, suspects, node, found, known }: { readonly graph: TypedGraph; readonly suspects: ReadonlySet<string>; readonly node: string; readonly found: ReadonlyMap<string, Tensor>; readonly known: readonly ArithmeticDifference[] }): ArithmeticDifference | undefined {
  const pending = graph.nodes.filter(({ name }) => name === node);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { name, opType, inputs } = next;
    const cause = suspects.has(name) ? known.find(({ operators }) => operators.includes(opType)) : undefined;
    if (cause !== undefined) return cause;
    const unseen = inputs.filter((tensor) => !found.has(tensor));
    pending.push(...graph.nodes.filter(({ outputs }) => outputs.some((tensor) => unseen.includes(tensor))));
  }
  return undefined;
}

/** What is known to be different here, for a message and its way out. */
function explained(cause: ArithmeticDifference | undefined): { readonly because: string; readonly fix: string | undefined } {
  if (cause === undefined) return { because: '', fix: undefined };
  const { operators, what, expected, found, fix } = cause;
  return { because: ` The ONNX Runtime of this processor computes ${operators.join(' and ')} differently: ${what} (a probe gives ${found} instead of ${expected}).`, fix };
}

function nodeDiffers({ node, opType, tensor, index, expected, found }: Difference, cause: ArithmeticDifference | undefined): ZkonnxError {
  const { because, fix } = explained(cause);
  return new ZkonnxError('NATIVE_MISMATCH', {
    message: `Nothing was proven: node "${node}" (${opType}) is the first that differs; element ${index} of its output "${tensor}" is ${expected} in ONNX Runtime and ${found} in the circuit.${because}`,
    fix,
    node,
    expected: `${expected} (ONNX Runtime)`,
    found: `${found} (circuit)`,
  });
}

/** Only the outputs differ, or ONNX Runtime computes something else when it shows all tensors. */
function outputDiffers({ name, index, expected, found }: Mismatch['output'], cause: ArithmeticDifference | undefined): ZkonnxError {
  const { because, fix } = explained(cause);
  const native = expected === undefined ? 'nothing' : String(expected.data[index]);
  return new ZkonnxError('NATIVE_MISMATCH', {
    message: `Nothing was proven: element ${index} of the output "${name}" is ${native} in ONNX Runtime and ${String(found.data[index])} in the circuit, although all nodes agree when they run one by one.${because}`,
    fix,
    expected: `${native} (ONNX Runtime)`,
    found: `${String(found.data[index])} (circuit)`,
  });
}
