import { totalmem } from 'node:os';
import { modelName } from '../artifacts/index.js';
import type { Size } from '../compile/index.js';
import { r1csBytes } from '../r1cs/r1csFile.js';
import { LARGEST_DOMAIN_POWER, LARGEST_UNIVERSAL_POWER, domainPower, universalSize, zkeyBytes, type UniversalSize, type UniversalSystem } from '../setup/index.js';
import { ALL_PUBLIC, type Visibility } from '../verify/visibility.js';
import { calibrate, type Rates } from './calibration.js';
import type { LayerPart, LayerSize } from './layerSize.js';
import { runModelTask } from './modelTask.js';
import type { WorkflowOptions } from './progress.js';

export interface EstimateModelParameters extends WorkflowOptions {
  /** Path of a quantized ONNX file. */
  readonly model: string;
  /** Size of a symbolic leading dimension; default 1. */
  readonly batch?: number | undefined;
  /** What the verifier shall see; default: public inputs and outputs, and fixed weights. */
  readonly visibility?: Partial<Visibility> | undefined;
  /** Whether to run a small model on this machine, for a few seconds, to know how fast it is; without it there are no times. Default true. */
  readonly calibration?: boolean | undefined;
}

/** Milliseconds of the three stages. */
export interface StageTimes {
  readonly compile: number;
  readonly setup: number;
  /** One proof, with its witness. */
  readonly prove: number;
}

/** What a layer adds. Fixed costs of a process, and the part of the domain that no row fills, belong to no layer. */
export interface LayerEstimate extends Pick<LayerSize, 'node' | 'operator' | 'origin' | 'elements'> {
  readonly rows: number;
  readonly wires: number;
  /** Non-zero entries of all three matrices. */
  readonly nonZeros: number;
  /** Bytes of the proving key. */
  readonly keyBytes: number;
  /** Bytes of memory that a proof takes for it, about. */
  readonly proveMemory: number;
  /** About; without a calibration there is none. */
  readonly time: StageTimes | undefined;
  /** The kinds of work in it. */
  readonly parts: readonly { readonly what: string; readonly how: string; readonly rows: number }[];
}

/** Bytes and powers of two, as {@link UniversalSize} has them. */
export interface UniversalEstimate extends UniversalSize {
  /** Whether `setup` would take it. */
  readonly fits: boolean;
}

export interface EstimateModelReturnType {
  readonly model: { readonly name: string; readonly sha256: string };
  readonly opset: number;
  /** What the figures hold for. */
  readonly visibility: Visibility;
  /** Exact, as are wires and public signals. */
  readonly rows: number;
  readonly wires: number;
  readonly publicSignals: number;
  /** Entries of the matrices, within 1%. */
  readonly nonZeros: { readonly a: number; readonly b: number; readonly c: number };
  /** 2^power points; beyond 2^27 there is no key. */
  readonly domain: { readonly power: number; readonly largest: number; readonly fits: boolean };
  /** What PLONK and FFLONK would take: gates within 5%, rather too many; `setup` counts them exactly. */
  readonly universal: { readonly gates: number; readonly largest: number; readonly plonk: UniversalEstimate; readonly fflonk: UniversalEstimate };
  /** Bytes, within 1%. The native engine's own development keys are larger by about a fifth: they bring what makes proving faster. */
  readonly files: { readonly r1cs: number; readonly provingKey: number };
  /** Bytes of the largest resident memory of each stage in a process of its own, about; files that are mapped count. */
  readonly memory: { readonly compile: number; readonly setup: number; readonly prove: number; readonly machine: number };
  readonly time: (StageTimes & { readonly basis: string }) | undefined;
  /** Inputs and nodes of the canonical graph, then the public signals. */
  readonly layers: readonly LayerEstimate[];
}

/**
 * What a model would cost: nothing is compiled, so that it works for models of any size. Rows, wires and files follow from the
 * formulas of the gadgets; memory from constants per row and per byte of the key (docs/estimates.md); times from a calibration.
 *
 * @throws ZkonnxError of the kind model; FILE_NOT_FOUND, CANCELLED
 */
export async function estimateModel({ model, batch = 1, visibility: asked, calibration = true, signal, onProgress }: EstimateModelParameters): Promise<EstimateModelReturnType> {
  const visibility = { ...ALL_PUBLIC, ...asked };
  const counting = calibration ? 0.8 : 1;
  const { modelHash, opset, publicSignals, layers, total, memory } = await runModelTask({
    name: 'size',
    task: { model, batch, visibility },
    signal,
    onProgress: ({ fraction, detail }) => onProgress?.({ stage: 'estimate', fraction: fraction * counting, detail }),
  });
  const rates = calibration ? await calibrate({ signal, onProgress: (share) => onProgress?.({ stage: 'estimate', fraction: counting + (1 - counting) * share, detail: 'measuring this machine' }) }) : undefined;
  onProgress?.({ stage: 'estimate', fraction: 1 });
  const power = domainPower(total.rows, publicSignals);
  const entries = total.a + total.b + total.c;
  const provingKey = zkeyBytes({ wireCount: total.wires, publicCount: publicSignals, entries: total.a + total.b, domainSize: 2 ** power });
  const proving = PROVING[rates?.backend === 'snarkjs' ? 'snarkjs' : 'native'];
  return {
    model: { name: modelName(model), sha256: modelHash },
    opset,
    visibility,
    rows: total.rows,
    wires: total.wires,
    publicSignals,
    nonZeros: { a: total.a, b: total.b, c: total.c },
    domain: { power, largest: LARGEST_DOMAIN_POWER, fits: power <= LARGEST_DOMAIN_POWER },
    universal: universalEstimates(total, publicSignals),
    files: { r1cs: r1csBytes({ rows: total.rows, wires: total.wires, entries }), provingKey },
    memory: { compile: memory, setup: SETUP.process + SETUP.keyByte * provingKey, prove: proving.process + proving.keyByte * provingKey, machine: totalmem() },
    time: rates === undefined ? undefined : { ...stageTimes(rates, total.rows, provingKey, true), basis: `a model of ${rates.rows.toLocaleString('en')} rows, compiled, set up and proven on this machine just now (prover: ${rates.backend})` },
    layers: layers.map((layer) => layerEstimate(layer, { rates, proveMemory: proving.keyByte })),
  };
}

/** Bytes of memory in a process of its own: of the process, and for each byte of the proving key. Measured with keys of 1 MB to 1 GB: within 25% from 15 MB on, too high below (docs/estimates.md). */
const SETUP = { process: 120_000_000, keyByte: 1.2 } as const;
const PROVING = { native: { process: 150_000_000, keyByte: 1.6 }, snarkjs: { process: 170_000_000, keyByte: 6.5 } } as const;

/**
 * A gate for each public signal, and for each row as many as it has terms, less two: so it is exact for sums, and for products with one or
 * more terms in each of A, B and C; constants, which are free, make it too high, products equal to 0 too low.
 */
function universalEstimates({ rows, a, b, c }: Size, publicCount: number): EstimateModelReturnType['universal'] {
  const gates = publicCount + Math.max(rows, a + b + c - 2 * rows);
  const of = (system: UniversalSystem): UniversalEstimate => {
    const size = universalSize({ system, gates, additions: gates - rows - publicCount, publicCount });
    return { ...size, fits: size.domainPower <= LARGEST_UNIVERSAL_POWER && size.memory <= totalmem() };
  };
  return { gates, largest: LARGEST_UNIVERSAL_POWER, plonk: of('plonk'), fflonk: of('fflonk') };
}

function stageTimes({ compile, setup, prove }: Rates, rows: number, keyBytes: number, withFixed: boolean): StageTimes {
  const time = ({ fixed, perUnit }: Rates['compile'], units: number): number => (withFixed ? fixed : 0) + perUnit * units;
  return { compile: time(compile, rows), setup: time(setup, keyBytes), prove: time(prove, keyBytes) };
}

function layerEstimate({ node, operator, origin, elements, size, parts }: LayerSize, { rates, proveMemory }: { readonly rates: Rates | undefined; readonly proveMemory: number }): LayerEstimate {
  const keyBytes = keyShare(size);
  return {
    node,
    operator,
    origin,
    elements,
    rows: size.rows,
    wires: size.wires,
    nonZeros: size.a + size.b + size.c,
    keyBytes,
    proveMemory: keyBytes * proveMemory,
    time: rates === undefined ? undefined : stageTimes(rates, size.rows, keyBytes, false),
    parts: parts.map(({ what, how, size: { rows } }: LayerPart) => ({ what, how, rows })),
  };
}

/** The points of its wires, its entries, and a point of the domain for each row. */
function keyShare({ rows, wires, a, b }: Size): number {
  return zkeyBytes({ wireCount: wires, publicCount: 0, entries: a + b, domainSize: rows }) - zkeyBytes({ wireCount: 0, publicCount: 0, entries: 0, domainSize: 0 });
}
