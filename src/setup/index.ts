export { developmentCircuitHash, developmentKey, type DevelopmentKey, type DevelopmentKeyParameters, type SetupProgress } from './developmentKey.js';
export { verificationKeyFromZkey, type G1Json, type G2Json, type GtJson, type VerificationKey } from './verificationKey.js';
export { checkZkey, readZkeyHeader } from './zkey.js';
export { zkeyBytes, type Contribution, type ZkeyHeader } from './zkeyFile.js';
export { keyProvenance, verifyKeyBelongs, type KeyBelongs, type KeyBelongsParameters, type KeyProvenance, type KeyProvenanceParameters } from './provenance.js';
export { LARGEST_DOMAIN_POWER, domainPower } from './domain.js';
