export { compileProgram, drawBlueprint, programLayout, type Blueprint, type BlueprintOptions, type CompiledCircuit, type CompileParameters } from './compile.js';
export type { CostReport, OperationCost } from './cost.js';
export { measureCircuit, type CircuitSize, type MeasureParameters, type Size } from './size.js';
export type { WitnessPlan } from './plan.js';
export { readPlanFile, writePlanFile } from './planFile.js';
export { generateWitness, type GeneratedWitness, type GenerateWitnessParameters, type Salts } from './witness.js';
