/**
 * Forms of JSON data: what a file must look like, checked when it is read. A form is a function that returns the value, typed and
 * without members that it does not name, or throws {@link FormMismatch}. (The packages for this take longer to load than a whole
 * command may take: zod 40 ms.)
 */

/** Checks a value. @throws FormMismatch */
export type Form<T> = (value: unknown, place: string) => T;

/** What a form yields. */
export type Formed<F> = F extends Form<infer T> ? T : never;

/** Where data does not have its form: `place: what was expected`. */
export class FormMismatch extends Error {
  constructor(place: string, expected: string) {
    super(`${place || 'the whole'}: ${expected} expected`);
  }
}

/** A string, of a pattern if one is given. */
export function text(pattern?: RegExp): Form<string> {
  return (value, place) => {
    if (typeof value !== 'string' || pattern?.test(value) === false) throw new FormMismatch(place, pattern === undefined ? 'text' : `text like ${String(pattern)}`);
    return value;
  };
}

/** A finite number above a bound, if one is given. */
export function number({ above = -Infinity }: { readonly above?: number } = {}): Form<number> {
  return (value, place) => {
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= above) throw new FormMismatch(place, above === -Infinity ? 'a number' : `a number above ${above}`);
    return value;
  };
}

/** A whole number that a double holds exactly, not below a bound. */
export function integer({ from = -Number.MAX_SAFE_INTEGER }: { readonly from?: number } = {}): Form<number> {
  return (value, place) => {
    if (!Number.isSafeInteger(value) || (value as number) < from) throw new FormMismatch(place, from < 0 ? 'a whole number' : `a whole number from ${from}`);
    return value as number;
  };
}

/** One of a few values. */
export function oneOf<const T extends string | number>(...values: readonly T[]): Form<T> {
  return (value, place) => {
    if (!values.includes(value as T)) throw new FormMismatch(place, values.map((allowed) => JSON.stringify(allowed)).join(' or '));
    return value as T;
  };
}

/** Anything. */
export const anything: Form<unknown> = (value) => value;

export function list<T>(element: Form<T>): Form<T[]> {
  return (value, place) => {
    if (!Array.isArray(value)) throw new FormMismatch(place, 'a list');
    return value.map((entry, index) => element(entry, `${place}[${index}]`));
  };
}

/** An object with any names and values of one form. */
export function record<T>(element: Form<T>): Form<Record<string, T>> {
  return (value, place) => Object.fromEntries(Object.entries(plain(value, place)).map(([name, entry]) => [name, element(entry, member(place, name))]));
}

/** A member that may be absent. */
export interface Optional<T> {
  readonly optional: Form<T>;
}
export function optional<T>(form: Form<T>): Optional<T> {
  return { optional: form };
}

type Members = Readonly<Record<string, Form<unknown> | Optional<unknown>>>;
type Required<M extends Members> = { [Name in keyof M as M[Name] extends Optional<unknown> ? never : Name]: M[Name] extends Form<infer T> ? T : never };
type Possible<M extends Members> = { [Name in keyof M as M[Name] extends Optional<unknown> ? Name : never]?: M[Name] extends Optional<infer T> ? T : never };
type Simplified<T> = { [Name in keyof T]: T[Name] };

/** An object with these members; others are left out of the result, or kept as they are when `others` says so. */
export function object<M extends Members>(members: M, { others = false }: { readonly others?: boolean } = {}): Form<Simplified<Required<M> & Possible<M>>> {
  return (value, place) => {
    const given = plain(value, place);
    const result: Record<string, unknown> = others ? { ...given } : {};
    for (const [name, form] of Object.entries(members)) {
      const present = Object.hasOwn(given, name);
      if (typeof form === 'function') result[name] = form(present ? given[name] : undefined, member(place, name));
      else if (present) result[name] = form.optional(given[name], member(place, name));
    }
    return result as ReturnType<ReturnType<typeof object<M>>>;
  };
}

function plain(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FormMismatch(place, 'an object');
  return value as Readonly<Record<string, unknown>>;
}

function member(place: string, name: string): string {
  return place === '' ? name : `${place}.${name}`;
}
