import type { Abi, Handle } from './abi.ts';
import type { SharedLibrary } from './koffi.ts';

/** What a function writes there. Its type must be _Out_: without that, the value stays as it was, and nothing fails. */
export type Output = [number];

type Message = [buffer: bigint, bytes: number, type: Handle, peer: number, tag: number, communicator: Handle];

/** The functions of MPI that are used. Each gives an error's number, 0 for none; addresses are numbers. */
export interface Functions {
  initThread(argc: bigint, argv: bigint, required: number, provided: Output): number;
  setErrorHandler(communicator: Handle, handler: Handle): number;
  rank(communicator: Handle, rank: Output): number;
  size(communicator: Handle, size: Output): number;
  libraryVersion(text: bigint, length: Output): number;
  errorString(error: number, text: bigint, length: Output): number;
  send(...message: [...Message, request: bigint]): number;
  receive(...message: [...Message, request: bigint]): number;
  test(request: bigint, isDone: Output, status: bigint): number;
  reduceLocal(values: bigint, into: bigint, count: number, type: Handle, operation: Handle): number;
  abort(communicator: Handle, exitCode: number): number;
  finalize(): number;
}

export function functionsOf(library: SharedLibrary, abi: Abi): Functions {
  const named = Object.entries(prototypes(abi.handle)).map(([name, prototype]) => [
    name,
    library.func(prototype),
  ]);
  return Object.fromEntries(named) as Functions;
}

function prototypes(handle: Abi['handle']): Record<keyof Functions, string> {
  const message = `intptr_t buffer, int bytes, ${handle} type, int peer, int tag, ${handle} communicator`;
  return {
    initThread: 'int MPI_Init_thread(intptr_t argc, intptr_t argv, int required, _Out_ int *provided)',
    setErrorHandler: `int MPI_Comm_set_errhandler(${handle} communicator, ${handle} handler)`,
    rank: `int MPI_Comm_rank(${handle} communicator, _Out_ int *rank)`,
    size: `int MPI_Comm_size(${handle} communicator, _Out_ int *size)`,
    libraryVersion: 'int MPI_Get_library_version(intptr_t text, _Out_ int *length)',
    errorString: 'int MPI_Error_string(int error, intptr_t text, _Out_ int *length)',
    send: `int MPI_Isend(${message}, intptr_t request)`,
    receive: `int MPI_Irecv(${message}, intptr_t request)`,
    test: 'int MPI_Test(intptr_t request, _Out_ int *isDone, intptr_t status)',
    reduceLocal: `int MPI_Reduce_local(intptr_t values, intptr_t into, int count, ${handle} type, ${handle} operation)`,
    abort: `int MPI_Abort(${handle} communicator, int exitCode)`,
    finalize: 'int MPI_Finalize()',
  };
}
