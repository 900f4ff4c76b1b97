/** What libraries of MPI read when they are loaded, so that they leave alone what Node needs. */
const settings: Readonly<Record<string, string>> = {
  // UCX and PSM take SIGSEGV, by which V8 makes exceptions of WebAssembly's traps: the process would end
  UCX_ERROR_SIGNALS: '',
  IPATH_NO_BACKTRACE: '1',
  HFI_NO_BACKTRACE: '1',
  // to follow memory they rewrite functions of libc that other threads are in, and UCX tries that by moving the end of the heap
  // and back, which takes memory from a thread that moves it at the same time: 6 of 94 starts of 4 ranks crashed, and 0 of 100 with this
  UCX_MEM_MMAP_HOOK_MODE: 'none',
  FI_MR_CACHE_MONITOR: 'disabled',
  OMPI_MCA_memory: '^patcher',
};

/** Only the main thread's assignments reach the environment that C reads. What the user has set stays. */
export function prepareEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(settings)) environment[name] ??= value;
}
