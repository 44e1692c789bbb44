export { writeAtomically, writeFileAtomically, type AtomicFile } from './atomicWrite.js';
export { copyFileAtomically } from './copyFile.js';
export * as form from './form.js';
export type { Form, Formed } from './form.js';
export { unreadable } from './unreadable.js';
export { openForReading, readWholeFile } from './readFile.js';
