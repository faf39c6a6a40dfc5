/**
 * What the trainer's process is told beside its request. Its threads take and give back arrays of some MB to some hundred:
 * glibc keeps what was given back, in an arena for each thread, unless large ones are mapped (mallopt(3)). A training of
 * 500 stations and 60 days takes 3.0 GB so (`node bench/training.ts --sizes 500x60 --trees 20`), and 3.6 without.
 */
export const trainerEnvironment = {
  PYTHONUNBUFFERED: '1',
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(1024 * 1024),
} as const
