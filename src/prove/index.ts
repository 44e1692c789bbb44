export type { ProofWithSignals, ProveParameters, ProveProgress, ProverBackend } from './backend.js';
export { proveAll, type ProveAllParameters } from './proverPool.js';
export { selectBackend, type BackendChoice, type SelectBackendParameters } from './selectBackend.js';
export { selfChecking, type CheckedKey, type KeyChecker } from './selfCheck.js';
