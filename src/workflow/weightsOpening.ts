import { join } from 'node:path';
import { FILES, readWeightsOpeningFile, writeJson, type WeightsOpeningFile } from '../artifacts/index.js';
import type { WitnessPlan } from '../compile/plan.js';
import { ZkonnxError, isZkonnxError } from '../errors/index.js';
import { commit } from '../verify/commitment.js';
import { commitmentText, parseCommitment } from '../verify/fieldElement.js';
import { randomSalt } from './randomSalt.js';

export interface OpenWeightsParameters {
  /** The folder of the model. */
  readonly folder: string;
  readonly model: { readonly name: string; readonly sha256: string };
  /** What is to be committed to. */
  readonly plan: () => Promise<Pick<WitnessPlan, 'program' | 'layout'>>;
  /** Default: the one of before, else a new random one. */
  readonly salt?: bigint | string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The salt and the commitment of the hashed weights of a model: those of `weights.opening.json`, which is written when there is none, when
 * it is of another model, or when another salt is asked for.
 * @throws ZkonnxError ARTIFACT_MALFORMED, PROOF_MALFORMED for the salt, CANCELLED
 */
export async function openWeights({ folder, model, plan, salt, signal }: OpenWeightsParameters): Promise<{ readonly path: string; readonly opening: WeightsOpeningFile }> {
  const path = join(folder, FILES.weightsOpening);
  const known = await readWeightsOpeningFile(path).catch((error: unknown) => {
    if (isZkonnxError(error) && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  });
  const asked = salt === undefined ? undefined : parseCommitment(salt, 'salt');
  if (known?.model.sha256 === model.sha256 && (asked === undefined || asked === parseCommitment(known.salt, 'salt'))) return { path, opening: known };
  const own = asked ?? randomSalt();
  const commitment = weightsCommitment(await plan(), own);
  const opening: WeightsOpeningFile = { format: 'zkonnx-weights-opening', version: 1, model, salt: commitmentText(own), commitment: commitmentText(commitment) };
  await writeJson({ path, data: opening, signal });
  return { path, opening };
}

/** The commitment of the hidden weights of a compiled model. */
function weightsCommitment({ program, layout }: Pick<WitnessPlan, 'program' | 'layout'>, salt: bigint): bigint {
  const values = Object.fromEntries(
    program.weights.map((id) => {
      const operation = program.operations[id];
      if (operation?.kind !== 'input' || operation.values === undefined) throw new ZkonnxError('INTERNAL', { message: `tensor ${id} of the plan has no weights` });
      return [program.tensors[id]?.name ?? '', operation.values] as const;
    }),
  );
  return commit({ part: 'weights', tensors: layout.weights, values, salt });
}
