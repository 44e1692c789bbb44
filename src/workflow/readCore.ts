/** From a model file to the integer core that is proven, and its program. */
import { lowerGraph } from '../lower/lower.js';
import { bindShapes } from '../onnx/bindShapes.js';
import type { TypedGraph } from '../onnx/graph.js';
import { inferTypes } from '../onnx/inferShapes.js';
import { normalise, type CanonicalGraph } from '../onnx/normalise.js';
import { readModel, type ModelFile } from '../onnx/readModel.js';
import type { Program } from '../program/program.js';
import type { WeightsVisibility } from '../verify/visibility.js';
import type { ModelInterface } from '../artifacts/index.js';

export interface ReadCoreParameters {
  readonly model: string;
  /** Size of a symbolic leading dimension. */
  readonly batch: number;
  /** Whether the weights are constants of the program, or hidden values; default fixed. */
  readonly weights?: WeightsVisibility | undefined;
}

/** Called with the share of the work that is done, 0 to 1. It may throw to stop it. */
export type OnShare = (share: number) => void;

export interface ModelCore {
  readonly file: ModelFile;
  /** The user's graph with all shapes known. */
  readonly original: TypedGraph;
  readonly canonical: CanonicalGraph;
  readonly program: Program;
}

/** Reads, normalises and lowers a model. @throws ZkonnxError of the kind model */
export function readCore({ model, batch, weights = 'fixed' }: ReadCoreParameters, onProgress?: OnShare): ModelCore {
  const file = readModel(model);
  const original = inferTypes(bindShapes(file.graph, { batch }));
  const canonical = normalise(original);
  return { file, original, canonical, program: lowerGraph(canonical.graph, { onProgress, hidesWeights: weights === 'hashed' }) };
}

/** What lies around the core of a model. */
export function interfaceOf({ original, canonical }: Pick<ModelCore, 'original' | 'canonical'>): ModelInterface {
  return {
    inputs: original.inputs.map(({ name, type }) => ({ name, type, shape: [...(original.types.get(name)?.shape ?? [])] })),
    entries: [...canonical.entries],
    exits: [...canonical.exits],
    operators: operatorCounts(canonical.graph.nodes),
  };
}

/** In the order in which they first stand in the graph. */
function operatorCounts(nodes: CanonicalGraph['graph']['nodes']): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { opType } of nodes) counts[opType] = (counts[opType] ?? 0) + 1;
  return counts;
}
