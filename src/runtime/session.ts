/**
 * ONNX Runtime behind three functions. It is loaded when the first session is opened, since its native library takes a while.
 *
 * Reproducibility: one thread, sequential execution, the CPU provider only, no flushing of denormals. None of the integer kernels
 * depends on the number of threads; float reductions may. Graph optimisation is the caller's choice, because it changes the results
 * of QDQ models: the canonical graph runs with it disabled.
 */
import { createRequire } from 'node:module';
import type * as OnnxRuntime from 'onnxruntime-node';
import { ZkonnxError } from '../errors/index.js';
import { elementCount, type ElementType, type Tensor, type TensorData } from '../onnx/graph.js';
import { formatShape } from '../onnx/shape.js';

export type Optimisation = 'disabled' | 'all';

export interface SessionOptions {
  /** A model file, whose external data ONNX Runtime finds beside it. */
  readonly path?: string;
  /** A whole model. */
  readonly bytes?: Uint8Array;
  /** Default 'disabled'. */
  readonly optimisation?: Optimisation;
  /** Threads within an operator. Default 1. */
  readonly threads?: number;
  /**
   * Sets `session.qdqisint8allowed`: with optimisation on x86-64, ONNX Runtime otherwise turns int8 activations of QDQ models into
   * uint8 ones and leaves operators on a raw int8 input in float.
   */
  readonly allowInt8Qdq?: boolean;
}

/** An open model. It holds native memory: close it with {@link release}, or use {@link withSession}. */
export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The onnxruntime-node session. */
  readonly native: NativeSession;
}

interface NativeTensor {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
}

interface NativeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly outputMetadata: readonly { readonly name: string; readonly isTensor: boolean; readonly type?: string }[];
  run(feeds: Record<string, NativeTensor>): Promise<Record<string, NativeTensor>>;
  release(): Promise<void>;
}

/** Types that onnxruntime-node hands over. An int4 or uint4 output would end the whole process. */
const PORTABLE_TYPES: ReadonlySet<string> = new Set(['float32', 'float64', 'float16', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'uint32', 'int64', 'uint64', 'bool']);

/** Errors of this severity and above go to stderr. All else is in the exceptions. */
const LOG_FATAL_ONLY = 4;

/**
 * Opens a model in ONNX Runtime.
 * @throws ZkonnxError NATIVE_FAILED with what ONNX Runtime said, USAGE without a model.
 */
export async function openSession({ path, bytes, optimisation = 'disabled', threads = 1, allowInt8Qdq = false }: SessionOptions): Promise<Session> {
  const model = bytes ?? path;
  if (model === undefined) throw new ZkonnxError('USAGE', { message: 'openSession needs the path or the bytes of a model.' });
  const { InferenceSession } = loadRuntime();
  const native = (await attempt('load the model', path, () =>
    // Both overloads of create take the same options.
    InferenceSession.create(model as string, {
      executionProviders: ['cpu'],
      executionMode: 'sequential',
      graphOptimizationLevel: optimisation,
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: LOG_FATAL_ONLY,
      extra: { session: { qdqisint8allowed: allowInt8Qdq ? '1' : '0', set_denormal_as_zero: '0' } },
    }))) as unknown as NativeSession;
  const unportable = native.outputMetadata.find(({ isTensor, type }) => !isTensor || !PORTABLE_TYPES.has(type ?? ''));
  if (unportable !== undefined) {
    await native.release();
    throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The output '${unportable.name}' is of a type that onnxruntime-node cannot return.`, found: unportable.type ?? 'not a tensor' });
  }
  return { inputs: native.inputNames, outputs: native.outputNames, native };
}

/**
 * Runs a model.
 * @param inputs by name
 * @returns the outputs by name, in the order of the model
 * @throws ZkonnxError NATIVE_FAILED with what ONNX Runtime said, INPUT_MISSING, INPUT_SHAPE, TYPE_UNSUPPORTED.
 */
export async function run(session: Session, inputs: ReadonlyMap<string, Tensor>): Promise<Map<string, Tensor>> {
  const { Tensor: NativeTensorClass } = loadRuntime();
  const feeds: Record<string, NativeTensor> = Object.create(null) as Record<string, NativeTensor>;
  for (const name of session.inputs) {
    const tensor = inputs.get(name);
    if (tensor === undefined) throw new ZkonnxError('INPUT_MISSING', { message: `The input '${name}' was not given.`, expected: session.inputs.join(', '), found: [...inputs.keys()].join(', ') || 'nothing' });
    if (elementCount(tensor.shape) !== tensor.data.length) throw new ZkonnxError('INPUT_SHAPE', { message: `The input '${name}' has ${tensor.data.length} elements, which do not fit the shape ${formatShape(tensor.shape)}.` });
    if (!PORTABLE_TYPES.has(tensor.type)) throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The input '${name}' is of a type that onnxruntime-node cannot take.`, found: tensor.type });
    feeds[name] = new NativeTensorClass(tensor.type as 'float32', tensor.data as Float32Array, [...tensor.shape]);
  }
  const results = await attempt('run the model', undefined, () => session.native.run(feeds));
  return new Map(session.outputs.map((name) => [name, fromNative(results[name] as NativeTensor)]));
}

/** Frees the native memory of a session. The session cannot be used afterwards. */
export async function release(session: Session): Promise<void> {
  await session.native.release();
}

/** Opens a session, uses it, and releases it whatever happens. */
export async function withSession<T>(options: SessionOptions, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession(options);
  try {
    return await use(session);
  } finally {
    await release(session);
  }
}

function fromNative({ type, data, dims }: NativeTensor): Tensor {
  return { type: type as ElementType, shape: [...dims], data: data as TensorData };
}

function loadRuntime(): typeof OnnxRuntime {
  try {
    // As the CommonJS package that it is: an import would first search all its files for names, which takes as long again.
    return createRequire(import.meta.url)('onnxruntime-node') as typeof OnnxRuntime;
  } catch (cause) {
    throw new ZkonnxError('NATIVE_FAILED', { message: `onnxruntime-node cannot be loaded: ${(cause as Error).message}.`, cause, fix: 'Install the packages again (npm ci); onnxruntime-node has binaries for Linux and Windows (x64, arm64) and macOS (arm64).' });
  }
}

async function attempt<T>(what: string, file: string | undefined, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new ZkonnxError('NATIVE_FAILED', { message: `ONNX Runtime could not ${what}: ${(cause as Error).message.trim()}`, file, cause });
  }
}
