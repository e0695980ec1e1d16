export async function doctorCommand(_o: unknown, _s: unknown): Promise<0> {
  return 0;
}
