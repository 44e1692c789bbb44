export { writeAtomically, writeFileAtomically, type AtomicFile } from './atomicWrite.js';
export { openForReading, readWholeFile } from './readFile.js';
