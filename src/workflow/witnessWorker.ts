/** What runs in the threads of witnessMaker.ts. */
import type { WitnessPlan } from '../compile/plan.js';
import { readPlanFile } from '../compile/planFile.js';
import { generateWitness, type GeneratedWitness, type GenerateWitnessParameters } from '../compile/witness.js';
import { settle, type Settled } from './settled.js';

export interface WitnessTask extends Omit<GenerateWitnessParameters, 'plan'> {
  readonly planPath: string;
  /** SHA-256 of the plan, under which it is kept for the next task. */
  readonly planSha256: string;
}

let kept: { readonly sha256: string; readonly plan: WitnessPlan } | undefined;

export function generate({ planPath, planSha256, inputs, context, salts }: WitnessTask): Promise<Settled<GeneratedWitness>> {
  return settle(async () => {
    if (kept?.sha256 !== planSha256) kept = { sha256: planSha256, plan: await readPlanFile(planPath) };
    return generateWitness({ plan: kept.plan, inputs, context, salts });
  });
}
