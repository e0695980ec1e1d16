/** Which attempts run at the same time on this host, so that each measurement can say what ran beside it. */
export class Neighbours {
  readonly #running = new Set<string>();
  readonly #watches = new Set<Set<string>>();

  /** An attempt runs from now on. */
  enter(attempt: string): void {
    this.#running.add(attempt);
    for (const seen of this.#watches) seen.add(attempt);
  }

  leave(attempt: string): void {
    this.#running.delete(attempt);
  }

  /** Begins to watch on behalf of an attempt; what it gives ends that, and says who ran meanwhile. */
  watch(attempt: string): () => string[] {
    const seen = new Set(this.#running);
    this.#watches.add(seen);
    return () => {
      this.#watches.delete(seen);
      return [...seen].filter((other) => other !== attempt).toSorted();
    };
  }
}
