export { ERRORS, EXIT_STATUS, type ErrorCode, type ErrorDescription, type ErrorKind } from './catalogue.js';
export { ZkonnxError, isZkonnxError, throwIfAborted, type ErrorDetails, type ErrorReport } from './zkonnxError.js';
