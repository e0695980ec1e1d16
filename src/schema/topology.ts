/** How closely the devices of a host are connected. */
export interface Links {
  /** Names of the devices, as an engine is held to them. */
  readonly ids: readonly string[];
  /**
   * `ranks[i][j]`: how close `ids[i]` is to `ids[j]`; higher is closer, and the ranks of several pairs are added up. A
   * pair that is not told is 0. Symmetric; the diagonal is not read.
   */
  readonly ranks: readonly (readonly number[])[];
}
