/** Names of variables whose values must not stand in any file that is passed around. */
const SECRET_NAME = /token|secret|passw|credential|api_?key|access_?key|private_?key|auth/i;
/** `https://user:password@host`: a secret in a value whose name does not say so. */
const SECRET_IN_URL = /(?<=:\/\/)[^/@\s]+@/g;
const REMOVED = '<removed>';

/** Variables with what is secret taken out. */
export function withoutSecrets(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      SECRET_NAME.test(name) ? REMOVED : value.replaceAll(SECRET_IN_URL, `${REMOVED}@`),
    ]),
  );
}

/** A function that takes these variables' secrets out of any text. Short values are left: they stand for nothing else. */
export function secretRemover(variables: Iterable<Readonly<Record<string, string>>>): (text: string) => string {
  const values = new Set(
    [...variables].flatMap((each) =>
      Object.entries(each).flatMap(([name, value]) => (SECRET_NAME.test(name) && value.length >= 6 ? [value] : [])),
    ),
  );
  return (text) => [...values].reduce((clean, value) => clean.replaceAll(value, REMOVED), text);
}
