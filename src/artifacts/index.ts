export { checkedPath, intact, recordFile, type FileRecord } from './fileRecord.js';
export type { ModelInterface } from './interface.js';
export { readJson, writeJson } from './json.js';
export type { KeyOrigin } from './keyOrigin.js';
export { FILES, defaultFolder, modelName, readManifest, writeManifest, type CompileStage, type Manifest, type SetupStage, type VerificationStage } from './manifest.js';
export { readOpeningFile, type OpeningFile } from './openingFile.js';
export { readProofFile, type CommitmentTexts, type IntegerTensor, type ProofFile } from './proofFile.js';
export { sha256, sha256OfFile } from './sha256.js';
export { readVerificationFile, type VerificationFile } from './verificationFile.js';
