import { damaged } from './damaged.ts';
import { PickleMachine } from './pickle-machine.ts';

type Instruction = (machine: PickleMachine) => void;

const STOP = '.';

/**
 * The instructions that torch.save writes, by protocols 2 to 5, named in Python's pickletools. Those that could make an
 * object of any class (NEWOBJ, INST, OBJ, EXT1 ...) are none of them.
 */
const instructions: Readonly<Record<string, Instruction>> = {
  // PROTO, FRAME
  '\x80': ({ reader }) => reader.u8(),
  '\x95': ({ reader }) => reader.u64(),
  // NONE, NEWTRUE, NEWFALSE
  N: (machine) => machine.push(null),
  '\x88': (machine) => machine.push(true),
  '\x89': (machine) => machine.push(false),
  // BININT1, BININT2, BININT, LONG1, BINFLOAT
  K: (machine) => machine.push(machine.reader.u8()),
  M: (machine) => machine.push(machine.reader.u16()),
  J: (machine) => machine.push(machine.reader.i32()),
  '\x8a': (machine) => machine.push(integerOf(machine.reader.bytes(machine.reader.u8()))),
  G: (machine) => machine.push(machine.reader.f64()),
  // BINUNICODE, SHORT_BINUNICODE
  X: (machine) => machine.push(machine.reader.text(machine.reader.u32())),
  '\x8c': (machine) => machine.push(machine.reader.text(machine.reader.u8())),
  // MARK, EMPTY_TUPLE, TUPLE, TUPLE1, TUPLE2, TUPLE3
  '(': (machine) => machine.pushMark(),
  ')': (machine) => machine.push([]),
  t: (machine) => machine.push(machine.popToMark()),
  '\x85': (machine) => machine.push(machine.popMany(1)),
  '\x86': (machine) => machine.push(machine.popMany(2)),
  '\x87': (machine) => machine.push(machine.popMany(3)),
  // EMPTY_LIST, APPEND, APPENDS
  ']': (machine) => machine.push([]),
  a: (machine) => machine.append([machine.pop()]),
  e: (machine) => machine.append(machine.popToMark()),
  // EMPTY_DICT, SETITEM, SETITEMS, BUILD
  '}': (machine) => machine.push(new Map()),
  s: (machine) => machine.setItems(machine.popMany(2)),
  u: (machine) => machine.setItems(machine.popToMark()),
  b: (machine) => machine.dropState(),
  // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
  q: (machine) => machine.remember(machine.reader.u8()),
  r: (machine) => machine.remember(machine.reader.u32()),
  '\x94': (machine) => machine.remember(),
  h: (machine) => machine.recall(machine.reader.u8()),
  j: (machine) => machine.recall(machine.reader.u32()),
  // GLOBAL, STACK_GLOBAL, REDUCE, BINPERSID
  c: (machine) => machine.pushNamed(machine.reader.line(), machine.reader.line()),
  '\x93': (machine) => {
    const [module, name] = machine.popMany(2);
    machine.pushNamed(module, name);
  },
  R: (machine) => machine.call(),
  Q: (machine) => machine.pushStorage(),
};

/**
 * The value that a pickle describes. A pickle is a program that could do anything to whoever runs it: this knows only the
 * instructions and the names that make dictionaries of tensors, and refuses any other.
 */
export function unpickle(program: Uint8Array): unknown {
  const machine = new PickleMachine(program);
  for (;;) {
    const at = machine.reader.position;
    const code = String.fromCharCode(machine.reader.u8());
    if (code === STOP) return machine.pop();
    if (!Object.hasOwn(instructions, code))
      throw damaged(`data.pkl: instruction ${code.charCodeAt(0)} at byte ${at} makes no tensor`);
    instructions[code]?.(machine);
  }
}

/** Little-endian, in two's complement. */
function integerOf(bytes: Uint8Array): number {
  const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return Number(BigInt.asIntN(8 * bytes.length, value));
}
