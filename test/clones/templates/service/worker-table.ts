/** The documents' figures: with so many jobs, so many workers. */
export const WORKERS_BY_JOBS = [
  [0, 2],
  [9, 2],
  [10, 5],
  [49, 5],
  [50, 10],
  [99, 10],
  [100, 20],
  [300, 20],
] as const;
