export { VERIFIER_ABI } from './abi.js';
export { encodeCalldata, type Statement } from './calldata.js';
export { compileVerifier, type CompiledContract } from './compileSolidity.js';
export type { ChainOptions } from './connection.js';
export { deployVerifier, type DeployOptions, type Deployment } from './deployVerifier.js';
export { exportVerifier, MAX_PUBLIC_SIGNALS, type ExportedVerifier, type ExportVerifierOptions } from './exportVerifier.js';
export { startLocalNode, type LocalNode, type LocalNodeOptions } from './localNode.js';
export { toEvmProof, type EvmProof } from './proof.js';
export { verifyOnChain, type OnChainVerification, type VerifyOnChainOptions } from './verifyOnChain.js';
