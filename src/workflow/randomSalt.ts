import { randomBytes } from 'node:crypto';

/** A random field element of 248 bits: nobody can guess it. */
export function randomSalt(): bigint {
  return BigInt(`0x${randomBytes(31).toString('hex')}`);
}
