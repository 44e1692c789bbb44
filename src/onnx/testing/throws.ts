import assert from 'node:assert/strict';
import { isZkonnxError, type ErrorCode, type ZkonnxError } from '../../errors/index.js';

/** Asserts that a function throws a ZkonnxError with a code, and gives the error. */
export function throwsCode(action: () => unknown, code: ErrorCode): ZkonnxError {
  try {
    action();
  } catch (error) {
    assert.ok(isZkonnxError(error), `not a ZkonnxError: ${String(error)}`);
    assert.equal(error.code, code, error.message);
    return error;
  }
  assert.fail(`nothing was thrown, ${code} was expected`);
}
