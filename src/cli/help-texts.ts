/** Texts of the help that are longer than a line. */
export const COMPLETION_EXAMPLE = '\nExample:\n  source <(orchestrate completion bash)';

export const EXAMPLES = `
Examples:
  orchestrate runs/quickstart.yaml            measure; the same command again goes on where it stopped
  orchestrate plan runs/ironwood.yaml         look at launches, points and command lines first
  orchestrate status results/quickstart       see how far a run is, from another terminal
  orchestrate doctor                          see what this host has and lacks

Exit codes: 0 all valid, 1 a gate failed, 2 wrong usage or run definition, 3 some points failed, were skipped or are
invalid, 4 nothing usable, 5 this host refuses (Python, path, disk, devices, another run), 129/130/143 interrupted,
70 our own fault.`;

export const RUN_EXAMPLES = `
Examples:
  orchestrate standalone_runs.yaml
  orchestrate standalone_runs.yaml --output-dir /data/nightly --python ~/vllm/bin/python
  orchestrate standalone_runs.yaml --dry-run`;
