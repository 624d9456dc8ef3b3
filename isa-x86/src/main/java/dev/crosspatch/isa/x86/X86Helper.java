package dev.crosspatch.isa.x86;

import dev.crosspatch.core.uop.Helper;

/// A complex micro-op: gets the core, the micro-op's word ([dev.crosspatch.core.uop.Uop] unpacks it) and its immediate,
/// works on the core and returns a [dev.crosspatch.core.cpu.Outcome]. It changes nothing before its last access that
/// can fault.
interface X86Helper extends Helper {
  int run(X86Core c, long w, long imm);
}
