// Everything that has a bound, in one run. Exits non-zero if one is exceeded.
await import('./warm.ts');
await import('./memory.ts');
await import('./size.ts');
