/** What every generated contract has in common, in the form that ethers reads; contracts/interfaces/IZkonnxVerifier.sol. */
export const VERIFIER_ABI = [
  'function verifyInference(bytes inputs, bytes outputs, uint256 context, uint256[8] proof) view',
  'function modelHash() view returns (bytes32)',
  'function layoutVersion() view returns (uint256)',
  'function inputVisibility() view returns (uint256)',
  'function outputVisibility() view returns (uint256)',
  'function weightsVisibility() view returns (uint256)',
  'function inputLength() view returns (uint256)',
  'function outputLength() view returns (uint256)',
  'function isDevelopmentKey() view returns (bool)',
  'error InputLength(uint256 expected, uint256 found)',
  'error OutputLength(uint256 expected, uint256 found)',
  'error ContextNotInField(uint256 context)',
  'error PublicSignalNotInField(uint256 index)',
  'error ProofMalformed()',
  'error ProofInvalid()',
] as const;

/** The contracts of PLONK and FFLONK keys: the same, but for the words of a proof. */
export const UNIVERSAL_VERIFIER_ABI = ['function verifyInference(bytes inputs, bytes outputs, uint256 context, uint256[24] proof) view', 'function proofSystem() view returns (string)', 'function verifier() view returns (address)', ...VERIFIER_ABI.slice(1)] as const;
