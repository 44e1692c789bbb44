export { compileProgram, drawBlueprint, type Blueprint, type CompiledCircuit, type CompileParameters } from './compile.js';
export type { CostReport, OperationCost } from './cost.js';
export type { WitnessPlan } from './plan.js';
export { readPlanFile, writePlanFile } from './planFile.js';
export { generateWitness, type GeneratedWitness, type GenerateWitnessParameters } from './witness.js';
