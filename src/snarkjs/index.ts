export { SnarkjsPool, type SnarkjsProveParameters } from './pool.js';
